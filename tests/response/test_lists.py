"""Lists: what is put on them is given out until it expires or is taken off, and no reader or crash finds half of one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.response import lists
from watchkeeper.response.lists import KEPT, IndicatorList, text

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
A, B = ("address", "203.0.113.9"), ("domain", "evil.example")


@pytest.fixture
def made(tmp_path: Path) -> Callable[[datetime], IndicatorList]:
    return lambda now: IndicatorList(tmp_path / "lists", "block", lambda: now)


def test_what_is_added_is_given_out_once_and_leaves_by_itself(made: Callable[[datetime], IndicatorList]) -> None:
    assert made(NOON).entries() == ()
    assert made(NOON).add([A, B, A], "k1", LATER) == 2
    assert made(NOON).add([A, B], "k1", LATER) == 0
    assert made(NOON).add([A], "k2", None) == 1
    entries = made(NOON).entries()
    assert text(entries, NOON) == "203.0.113.9\nevil.example\n"
    assert text(entries, LATER) == "203.0.113.9\n"


def test_what_an_action_put_there_is_taken_off_and_what_another_did_stays(made: Callable[[datetime], IndicatorList]) -> None:
    made(NOON).add([A, B], "k1", None)
    made(NOON).add([A], "k2", None)
    assert (made(LATER).remove("k1"), made(LATER).remove("k1"), made(LATER).remove("k9")) == (2, 0, 0)
    assert text(made(LATER).entries(), LATER) == "203.0.113.9\n"
    assert made(LATER).add([B], "k1", None) == 1
    assert text(made(LATER).entries(), LATER) == "evil.example\n203.0.113.9\n"


def test_what_left_long_ago_is_forgotten(made: Callable[[datetime], IndicatorList]) -> None:
    made(NOON).add([A], "k1", LATER)
    made(LATER + KEPT).add([B], "k2", None)
    assert [one.value for one in made(LATER + KEPT).entries()] == ["evil.example"]


def test_who_writes_has_the_list_to_itself(tmp_path: Path) -> None:
    one = IndicatorList(tmp_path, "block")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: one.add([("address", f"198.51.100.{number}")], f"k{number}", None), range(40)))
    found = one.entries()
    assert {entry.value for entry in found} == {f"198.51.100.{number}" for number in range(40)}
    assert [entry.added for entry in found] == sorted(entry.added for entry in found)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["block.jsonl", "block.lock"]


def test_a_list_that_is_too_long_or_damaged_is_left_as_it_is(
    made: Callable[[datetime], IndicatorList], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_ENTRIES", 2)
    made(NOON).add([A, B], "k1", None)
    with pytest.raises(ValueError, match="would have more than 2 values"):
        made(NOON).add([("domain", "a.example")], "k2", None)
    assert len(made(NOON).entries()) == 2
    path = made(NOON).path
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match="is damaged"):
        made(NOON).add([A], "k3", None)


def test_what_could_not_be_written_leaves_the_list_and_nothing_behind(
    made: Callable[[datetime], IndicatorList], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made(NOON).add([A], "k1", None)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        made(NOON).add([B], "k2", None)
    assert text(made(NOON).entries(), NOON) == "203.0.113.9\n"
    assert sorted(path.name for path in (tmp_path / "lists").iterdir()) == ["block.jsonl", "block.lock"]
