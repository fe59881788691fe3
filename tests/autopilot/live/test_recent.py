"""Recent signals come back from their parts, few parts are written, and what is over is let go."""

from types import SimpleNamespace

import pyarrow as pa
import pytest

from watchkeeper.autopilot.live import recent
from watchkeeper.autopilot.live.recent import Recent
from watchkeeper.model.signal import FOLDED_SCHEMA


def folded(live: SimpleNamespace, first: int, count: int, session: str) -> pa.Table:
    table = live.table([live.signal("a", minute) for minute in range(first, first + count)])
    more = [pa.array(["f"] * count), pa.array([session] * count)]
    return pa.table([*table.columns, *more], schema=FOLDED_SCHEMA)


def test_what_was_saved_part_by_part_is_what_was_added(live: SimpleNamespace) -> None:
    one, parts, written = Recent(), dict[int, bytes](), 0
    for at in range(100):
        one.add(folded(live, at, 1, "s"))
        turned = one.turn()
        one.saved(turned)
        parts = {number: content for number, content in parts.items() if number not in turned.gone} | dict(turned.made)
        written += Recent(turned.made).table().num_rows
        assert Recent(parts).table().num_rows == at + 1
    assert sorted(Recent(parts).table().column("id").to_pylist()) == sorted(one.table().column("id").to_pylist())
    assert len(parts) <= 8
    assert written <= 100 * 8
    assert one.numbers == tuple(sorted(parts))


def test_what_is_out_of_sight_is_let_go(live: SimpleNamespace) -> None:
    one = Recent()
    for at, session in enumerate(["old", "old", "new"]):
        one.add(folded(live, 100 * at, 40, session))
        one.saved(one.turn())
    one.forget({"new"})
    turned = one.turn()
    assert set(one.table().column("session").to_pylist()) == {"new"}
    assert Recent(turned.made).table().num_rows == 40


def test_too_many_are_bounded_and_counted(live: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST_SIGNALS", 100)
    monkeypatch.setattr(recent, "LARGEST_PART", 40)
    one = Recent()
    for at in range(10):
        one.add(folded(live, 30 * at, 30, "s"))
        one.turn()
    assert one.table().num_rows == 90
    assert one.beyond == 210


def test_a_part_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="by this version"):
        Recent({1: b"x"})
