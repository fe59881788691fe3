"""What processes say of themselves: whole files, counted for ever, bounded."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from watchkeeper.model.vitals import MOST_SENDERS
from watchkeeper.server.vitals import STALE, Pulse, is_alive, read_vitals, total

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_what_was_counted_is_read_back_summed_over_processes(tmp_path: Path) -> None:
    for process in ("worker-0", "worker-1"):
        pulse = Pulse(tmp_path, process)
        pulse.add("messages_sent", 2, channel="mail")
        pulse.add("messages_sent", 1, channel="slack")
        pulse.set("journal_bytes", 10)
        pulse.set("journal_bytes", 7)
        pulse.phase("running")
        pulse.write()
    vitals, unreadable = read_vitals(tmp_path)
    assert [one.process for one in vitals] == ["worker-0", "worker-1"]
    assert vitals[0].pid == os.getpid()
    assert unreadable == ()
    assert (total(vitals, "messages_sent"), total(vitals, "messages_sent", channel="mail"), total(vitals, "journal_bytes")) == (6, 4, 14)
    assert total(vitals, "senders") is None


@pytest.mark.parametrize("labels", [{}, {"channel": "pigeon"}, {"channel": "mail", "host": "a"}])
def test_no_label_grows_with_what_strangers_send(tmp_path: Path, labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="messages_sent"):
        Pulse(tmp_path, "web").add("messages_sent", 1, **labels)


def test_a_name_of_a_process_leaves_the_folder_nowhere(tmp_path: Path) -> None:
    for name in ("../web", "a/b", "", "Web", "a" * 33):
        with pytest.raises(ValueError, match="process"):
            Pulse(tmp_path, name)


def test_what_is_no_vitals_is_named_and_the_rest_read(tmp_path: Path) -> None:
    Pulse(tmp_path, "web").write()
    (tmp_path / "run" / "worker-0.json").write_text('{"process": "worker-0"')
    vitals, unreadable = read_vitals(tmp_path)
    assert [one.process for one in vitals] == ["web"]
    assert unreadable == ("worker-0.json",)
    assert read_vitals(tmp_path / "nowhere") == ((), ())


def test_who_does_not_write_any_more_counts_as_gone(tmp_path: Path) -> None:
    moments = iter([NOON, NOON + timedelta(seconds=1)])
    pulse = Pulse(tmp_path, "keeper", clock=lambda: next(moments))
    said = pulse.vitals()
    assert is_alive(said, NOON + STALE)
    assert not is_alive(said, NOON + STALE + timedelta(seconds=1))


def test_it_says_that_it_stopped_when_it_did(tmp_path: Path) -> None:
    with Pulse(tmp_path, "keeper").beating() as pulse:
        pulse.phase("running")
        pulse.write()
        assert read_vitals(tmp_path).vitals[0].phase == "running"
    last = read_vitals(tmp_path).vitals[0]
    assert last.phase == "stopped"
    assert not is_alive(last, last.written)


def test_senders_are_told_apart_up_to_a_bound_and_those_heard_last_stay(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path, "worker-0", clock=lambda: NOON)
    for number in range(MOST_SENDERS + 3):
        pulse.heard(f"{number:032x}", 1)
    pulse.heard(f"{3:032x}", 4)
    said = pulse.vitals()
    assert (len(said.heard), said.heard_more) == (MOST_SENDERS, 3)
    assert (said.heard[0].sender, said.heard[0].events, said.heard[0].last) == (f"{3:032x}", 5, NOON)


def test_a_place_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    pulse = Pulse(tmp_path, "web")
    pulse.write()
    assert pulse.failed
    (tmp_path / "run").unlink()
    pulse.write()
    assert pulse.failed == ""


def test_a_reader_never_sees_half_of_a_file(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path, "web")
    pulse.write()

    def write() -> None:
        for _ in range(100):
            pulse.add("lake_commits")
            pulse.write()

    writer = Thread(target=write)
    writer.start()
    while writer.is_alive():
        assert read_vitals(tmp_path).unreadable == ()
    writer.join()
    assert total(read_vitals(tmp_path).vitals, "lake_commits") == 100
