"""Small files are joined, what was kept long enough goes and is told, and neither writers nor readers notice."""

import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from watchkeeper.lake import EventTable, Keeping, Questions, Upkeep

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def lake(tmp_path: Path, events: SimpleNamespace) -> Path:
    table = EventTable(tmp_path)
    for number in range(12):
        when = events.BEGAN + timedelta(minutes=12 - number)
        rows = [
            {"_time": when, "_id": f"{number:02d}", "_source": "edge"},
            {"_time": when - timedelta(seconds=1), "_id": f"x{number:02d}", "_source": "proxy"},
        ]
        table.append(events.stored(*rows, {"_tenant": "other", "_id": f"o{number:02d}"}), "w", number)
    return tmp_path


def _now(folder: Path) -> float:
    return max(path.stat().st_mtime for path in folder.rglob("*.parquet"))


def _ids(folder: Path) -> list[str]:
    return sorted(DeltaTable(folder).to_pyarrow_table(columns=["_id"]).column("_id").to_pylist())


def test_small_files_of_a_day_become_one_in_time_order(lake: Path, events: SimpleNamespace) -> None:
    before = _ids(lake)
    questions = Questions(lake)
    asked = questions.ask("SELECT count(*) n FROM events", None)
    done = Upkeep(lake, settled_seconds=0).upkeep(events.BEGAN + timedelta(days=900))
    assert (done.joined, done.made, done.put_off, done.expired_rows) == (24, 2, 0, 0)
    files = DeltaTable(lake).get_add_actions(flatten=True)
    assert files.num_rows == 2
    assert _ids(lake) == before
    joined = pq.read_table(next((lake / "_tenant=default").rglob("joined-*.parquet")))
    times = joined.column("_time").to_pylist()
    assert times == sorted(times)
    assert asked.answer().rows.to_pylist() == [{"n": 36}], "a question that began before reads on"
    assert questions.ask("SELECT count(*) n FROM events", None).answer().files == 2
    assert EventTable(lake).position("w") == 11
    assert Upkeep(lake, settled_seconds=0).upkeep(events.BEGAN + timedelta(days=900)).joined == 0


def test_files_that_just_came_are_left_alone(lake: Path, events: SimpleNamespace) -> None:
    assert Upkeep(lake).upkeep(events.BEGAN + 2 * DAY).joined == 0


def test_writers_go_on_and_what_they_replace_is_put_off(lake: Path, events: SimpleNamespace) -> None:
    table, upkeep = EventTable(lake), Upkeep(lake, settled_seconds=0)
    stale = [one for one in upkeep._joinable(events.BEGAN + timedelta(days=900))]  # noqa: C416 -- between choosing and joining
    table.append(events.stored({"_id": "new"}), "w", 99)
    assert upkeep.upkeep(events.BEGAN + timedelta(days=900)).joined == 25
    table.append(events.stored({"_id": "newer"}), "w", 100)
    from watchkeeper.lake.upkeep import Done  # noqa: PLC0415 -- what is added up here

    (tenant, day, files) = stale[0]
    assert upkeep._replaced(Done(), tenant, day, files, None).put_off == 1
    assert len(_ids(lake)) == 38


def test_events_go_when_they_were_kept_long_enough_each_tenant_and_sender_for_itself(lake: Path, events: SimpleNamespace) -> None:
    keeping = Keeping(days=0, tenants={"default": 30, "other": 10}, senders={("default", "proxy"): 5})
    upkeep = Upkeep(lake, keeping, settled_seconds=10**9)
    assert upkeep.upkeep(events.BEGAN + 4 * DAY).expired_rows == 0
    done = upkeep.upkeep(events.BEGAN + 6 * DAY)
    assert (done.expired_rows, {told[:2] for told in done.expired}) == (12, {("default", "proxy")})
    assert not [one for one in _ids(lake) if one.startswith("x")]
    assert upkeep.upkeep(events.BEGAN + 6 * DAY).expired_rows == 0
    done = upkeep.upkeep(events.BEGAN + 11 * DAY)
    assert (done.expired_rows, {told[0] for told in done.expired}) == (12, {"other"})
    assert len(_ids(lake)) == 12
    assert upkeep.upkeep(events.BEGAN + 31 * DAY).expired_rows == 12
    assert _ids(lake) == []


def test_a_sender_may_be_kept_longer_than_its_tenant(lake: Path, events: SimpleNamespace) -> None:
    keeping = Keeping(days=10, senders={("default", "proxy"): 50})
    assert Upkeep(lake, keeping).upkeep(events.BEGAN + 20 * DAY).expired_rows == 12
    assert Upkeep(lake, keeping).upkeep(events.BEGAN + 60 * DAY).expired_rows == 24


def test_old_files_and_files_of_no_commit_are_removed_after_an_hour(lake: Path, events: SimpleNamespace) -> None:
    lost = lake / "_tenant=default" / "_day=2025-03-01" / "w-lost.parquet"
    pq.write_table(events.stored({}), lost)
    Upkeep(lake, settled_seconds=0).upkeep(events.BEGAN + timedelta(days=900))
    assert len(list(lake.glob("_tenant=*/**/*.parquet"))) == 24 + 2 + 1
    old = lost.stat().st_mtime - 2 * 3600
    os.utime(lost, (old, old))
    assert Upkeep(lake).upkeep(events.BEGAN + timedelta(days=900)).removed == 1
    assert not lost.exists()
    assert len(_ids(lake)) == 36


def test_where_there_is_no_table_nothing_is_due(tmp_path: Path, events: SimpleNamespace) -> None:
    assert Upkeep(tmp_path).upkeep(events.BEGAN).joined == 0
