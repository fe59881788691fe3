"""What came through the doors is said by door, whatever happened to it, and each sender is heard when it sends."""

from pathlib import Path
from typing import get_args

from watchkeeper.ingest.listeners.counts import Counts, Kind
from watchkeeper.server.door_figures import DoorFigures
from watchkeeper.server.vitals import Pulse, total


def test_every_kind_that_doors_count_is_said(tmp_path: Path) -> None:
    counts, pulse = Counts(), Pulse(tmp_path, "web")
    for number, kind in enumerate(get_args(Kind), 1):
        counts.add("bulk", "a", kind, number)
    DoorFigures(counts, pulse).note()
    assert sorted(figure.value for figure in pulse.vitals().figures) == list(range(1, len(get_args(Kind)) + 1))


def test_senders_are_added_up_by_door_and_heard_when_they_send(tmp_path: Path) -> None:
    counts, pulse = Counts(), Pulse(tmp_path, "web")
    figures = DoorFigures(counts, pulse)
    counts.add("bulk", "a", "records", 5)
    counts.add("hec", "a", "records", 2)
    counts.add("bulk", "b", "records", 1)
    figures.note()
    figures.note()
    counts.add("bulk", "b", "records", 3)
    figures.note()
    said = pulse.vitals()
    assert {one.sender: one.events for one in said.heard} == {"a": 7, "b": 4}
    assert said.heard[0].sender == "b"
    assert (total((said,), "events_accepted"), total((said,), "events_accepted", listener="bulk")) == (11, 9)


def test_nobody_known_is_refused_and_not_heard(tmp_path: Path) -> None:
    counts, pulse = Counts(), Pulse(tmp_path, "web")
    counts.add("hec", "", "unknown")
    DoorFigures(counts, pulse).note()
    assert (pulse.vitals().heard, total((pulse.vitals(),), "events_refused", reason="unknown")) == ((), 1)
