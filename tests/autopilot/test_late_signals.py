"""Late signals go through the journal in bounded portions, and are known again from there."""

from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.autopilot import late_signals
from watchkeeper.autopilot.handing import Found, Part, packed, unpacked
from watchkeeper.autopilot.late_signals import LATE, hand_on, handed_before, late_folder
from watchkeeper.journal import Frames, Partition, key_of
from watchkeeper.model.signal import SIGNAL_SCHEMA


def signals(*ids: str) -> pa.Table:
    lists = {"techniques": [], "tactics": [], "entities": [], "matches": [], "time": None, "row": 0, "synthetic": False}
    return pa.Table.from_pylist([dict.fromkeys(SIGNAL_SCHEMA.names, "") | lists | {"id": one} for one in ids], schema=SIGNAL_SCHEMA)


def test_portions_are_bounded_and_speak_of_their_own_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_signals, "PORTION_SIGNALS", 2)
    assert hand_on(tmp_path, "acme", signals(*"abcde"), 7) == 3
    assert hand_on(tmp_path, "acme", signals("f"), 0) == 1
    with closing(Frames(late_folder(tmp_path), key_of(tmp_path))) as opened:
        frames = list(opened.new())
    read = [unpacked(frame.head, frame.body) for frame in frames]
    assert [(part.partition, part.upto, frame.sequence) for (part, _), frame in zip(read, frames, strict=True)] == [
        (LATE, number, number) for number in (7, 8, 9, 10)
    ]
    assert ["".join(found["acme"].signals.column("id").to_pylist()) for _, found in read] == ["ab", "cd", "e", "f"]


def test_what_was_found_late_and_what_is_on_its_way_is_known_and_damage_is_said(tmp_path: Path) -> None:
    hand_on(tmp_path, "acme", signals("a"), 0)
    hand_on(tmp_path, "other", signals("b"), 0)
    worker = Partition(tmp_path / "signals-0", key_of(tmp_path))
    for number in range(3):
        worker.append([packed(Part("received-0", 10 * number, {}, {}), {"acme": Found(signals(f"w{number}"))})])
    worker.append([(b"no head", b"no body")])
    worker.close()
    assert list(handed_before(tmp_path, "acme", {"received-0": 10, LATE: 5})) == [["w2"], None, ["a"]]
