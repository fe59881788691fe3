"""Events and the position of who keeps them are committed together, from several processes at once, and stay."""

import os
import resource
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, Schema

from watchkeeper.lake import EventTable
from watchkeeper.model.stored import STORED_SCHEMA


def _rows(folder: Path) -> pa.Table:
    """Read the table as any other program does."""
    return DeltaTable(folder).to_pyarrow_table().sort_by("_id")


def test_what_is_appended_is_read_back_by_any_reader_of_delta_tables(tmp_path: Path, events: SimpleNamespace) -> None:
    rows = events.stored({"src_endpoint.ip": "10.0.0.1", "src_endpoint.port": 4, "file.hashes.value": ["aa", "bb"]}, {"_time": None}, {})
    table = EventTable(tmp_path)
    assert table.append(rows, "worker-1", 7) > 0
    read = _rows(tmp_path)
    assert read.select(STORED_SCHEMA.names).cast(STORED_SCHEMA).equals(rows)
    assert table.position("worker-1") == EventTable(tmp_path).position("worker-1") == 7
    assert table.position("worker-2") is None


def test_a_position_moves_without_events_and_never_back(tmp_path: Path, events: SimpleNamespace) -> None:
    table = EventTable(tmp_path)
    assert table.append(STORED_SCHEMA.empty_table(), "worker-1", 5) == 0
    for position in (5, 4):
        with pytest.raises(ValueError, match="'worker-1' has come to 5 already"):
            table.append(events.stored({}), "worker-1", position)
    assert (table.position("worker-1"), DeltaTable(tmp_path).count()) == (5, 0)


def test_a_second_worker_of_the_same_name_is_found_out(tmp_path: Path, events: SimpleNamespace) -> None:
    first, second = EventTable(tmp_path), EventTable(tmp_path)
    first.append(events.stored({}), "worker-1", 1)
    with pytest.raises(ValueError, match="see that it runs once only"):
        second.append(events.stored({}), "worker-1", 1)
    assert DeltaTable(tmp_path).count() == 1
    assert second.append(events.stored({}), "worker-1", 2)


def test_tenants_and_days_are_kept_apart_and_few_days_of_a_commit(tmp_path: Path, events: SimpleNamespace) -> None:
    came = datetime(2026, 1, 5, 12, tzinfo=UTC)
    rows = [{"_time": came - timedelta(days=day), "_received": came, "_tenant": tenant} for day in range(60) for tenant in ("acme", "b.c")]
    rows += [{"_time": came - timedelta(days=1), "_received": came}] * 5 + [{"_day": date(1, 1, 1), "_received": came}]
    EventTable(tmp_path).append(events.stored(*rows), "worker-1", 1)
    read = _rows(tmp_path)
    assert read.num_rows == len(rows)
    assert len(set(read.column("_day").to_pylist())) in {32, 33}
    assert date(2026, 1, 4) in read.column("_day").to_pylist()
    assert date(1, 1, 1) not in read.column("_day").to_pylist()
    assert sorted(read.column("_time").to_pylist()) == sorted(events.stored(*rows).column("_time").to_pylist())


@pytest.mark.parametrize("tenant", ["", "../up", "a/b", "Ä", "a=b", ".a", "a..b", "x" * 64])
def test_a_tenant_cannot_leave_its_folder(tmp_path: Path, events: SimpleNamespace, tenant: str) -> None:
    with pytest.raises(ValueError, match="is no name of one"):
        EventTable(tmp_path / "lake").append(events.stored({"_tenant": tenant}), "worker-1", 1)
    assert not list(tmp_path.rglob("*.parquet"))


def test_an_older_table_takes_in_new_attributes(tmp_path: Path, events: SimpleNamespace) -> None:
    older = pa.schema([field for field in STORED_SCHEMA if field.name not in {"url.url_string", "file.hashes.value", "process.pid"}])
    DeltaTable.create(str(tmp_path), Schema.from_arrow(older), partition_by=["_tenant", "_day"])
    old = events.stored({"_host": "old"}).select(older.names)
    from deltalake import write_deltalake  # noqa: PLC0415 -- what an older version wrote with

    write_deltalake(tmp_path, old, mode="append")
    EventTable(tmp_path).append(events.stored({"_host": "new", "url.url_string": "http://a/", "process.pid": 4}), "worker-1", 1)
    read = DeltaTable(tmp_path).to_pyarrow_table().sort_by("_host").to_pylist()
    assert [(row["_host"], row["url.url_string"], row["process.pid"]) for row in read] == [("new", "http://a/", 4), ("old", None, None)]


def test_a_newer_table_takes_in_rows_without_its_attributes(tmp_path: Path, events: SimpleNamespace) -> None:
    newer = STORED_SCHEMA.append(pa.field("file.owner", pa.string()))
    DeltaTable.create(str(tmp_path), Schema.from_arrow(newer), partition_by=["_tenant", "_day"])
    EventTable(tmp_path).append(events.stored({}), "worker-1", 1)
    assert DeltaTable(tmp_path).to_pyarrow_table().column("file.owner").to_pylist() == [None]


def test_something_else_in_its_place_is_refused(tmp_path: Path) -> None:
    DeltaTable.create(str(tmp_path), Schema.from_arrow(pa.schema([("a", pa.string())])))
    with pytest.raises(ValueError, match="is no table of events"):
        EventTable(tmp_path)


_WORKER = """
import sys; sys.path.insert(0, {tests!r})
from conftest import stored; from pathlib import Path
from watchkeeper.lake import EventTable
app = sys.argv[1]; table = EventTable(Path({folder!r})); position = table.position(app)
for position in range(-1 if position is None else position, 10**9):
    position += 1
    table.append(stored({{"_id": f"{{app}}-{{position:06d}}"}}), app, position); print(position, flush=True)
    if position == int(sys.argv[2]): break
"""


def _worker(folder: Path, app: str, last: int) -> subprocess.Popen[str]:
    program = _WORKER.format(tests=str(Path(__file__).parent), folder=str(folder))
    return subprocess.Popen([sys.executable, "-c", program, app, str(last)], stdout=subprocess.PIPE, text=True)


def test_workers_append_at_the_same_time_and_nothing_is_lost(tmp_path: Path) -> None:
    workers = [_worker(tmp_path, f"worker-{number}", 14) for number in range(3)]
    for worker in workers:
        worker.communicate(timeout=120)
        assert worker.returncode == 0
    ids = _rows(tmp_path).column("_id").to_pylist()
    assert ids == [f"worker-{number}-{position:06d}" for number in range(3) for position in range(15)]
    assert [EventTable(tmp_path).position(f"worker-{number}") for number in range(3)] == [14, 14, 14]


def test_a_worker_killed_at_any_moment_goes_on_where_it_was(tmp_path: Path) -> None:
    told = -1
    for lines in (3, 5, 2):
        with _worker(tmp_path, "w", 10**6) as worker:
            assert worker.stdout is not None
            for _ in range(lines):
                told = int(worker.stdout.readline())
            worker.kill()
    position = EventTable(tmp_path).position("w")
    assert position is not None
    assert position >= told >= 9
    assert _rows(tmp_path).column("_id").to_pylist() == [f"w-{number:06d}" for number in range(position + 1)]


def test_a_full_disk_keeps_nothing_and_the_position(tmp_path: Path, events: SimpleNamespace) -> None:
    table = EventTable(tmp_path)
    table.append(events.stored({}), "worker-1", 1)
    many = pa.concat_tables([events.stored(*({"_raw": os.urandom(600).hex()} for _ in range(300)))])
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, limit[1]))
        with pytest.raises(OSError, match="File too large"):
            table.append(many, "worker-1", 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    assert len(list(tmp_path.rglob("*.parquet"))) == 1
    assert table.position("worker-1") == 1
    assert table.append(many, "worker-1", 2)
    assert DeltaTable(tmp_path).count() == 301


def test_what_is_looked_up_has_blooms_and_what_is_long_has_no_bounds(tmp_path: Path, events: SimpleNamespace) -> None:
    EventTable(tmp_path).append(events.stored({"src_endpoint.ip": "10.0.0.1", "_host": "h" * 100}), "worker-1", 1)
    (part,) = tmp_path.rglob("*.parquet")
    columns = [pq.ParquetFile(part).metadata.row_group(0).column(place) for place in range(len(STORED_SCHEMA) - 2)]
    assert {column.path_in_schema for column in columns if not column.is_stats_set} == {"_raw", "_fields", "file.hashes.value.list.element"}
    adds = pa.table(DeltaTable(tmp_path).get_add_actions(flatten=True)).to_pylist()[0]
    assert (adds["min._id"], adds["min._host"], adds["num_records"]) == ("0" * 32, None, 1)
    assert adds["max._time"] == events.BEGAN
