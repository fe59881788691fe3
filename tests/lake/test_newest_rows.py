"""The newest rows: those written last, bounded, whatever lies in the folder."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.lake import EventTable
from watchkeeper.lake.newest_rows import MOST_FILES, newest_rows, written_since
from watchkeeper.model.stored import STORED_SCHEMA

NOW = datetime.now(UTC)


def _rows(count: int, service: str) -> pa.Table:
    kept = {
        "_tenant": "default", "_day": NOW.date(), "_time": NOW, "_host": "ws1", "_source": "edge", "_row": 0, "_raw": "{}",
        "_received": NOW, "_product": "windows", "_service": service, "_event_type": "",
    }  # fmt: skip
    return pa.Table.from_pylist([{**kept, "_id": f"{number:032x}"} for number in range(count)], STORED_SCHEMA)


def test_no_table_has_no_rows(tmp_path: Path) -> None:
    assert newest_rows(tmp_path / "nothing").num_rows == 0
    assert written_since(tmp_path / "nothing", 0) == 0


def test_what_was_written_last_comes_first_and_not_all(tmp_path: Path) -> None:
    table = EventTable(tmp_path)
    for number in range(MOST_FILES + 3):
        table.append(_rows(10, str(number)), "w", number)
    for path in tmp_path.rglob("*.parquet"):
        service = newest_of(path)
        os.utime(path, (time.time(), time.time() - 1_000 + int(service)))
    found = newest_rows(tmp_path)
    assert sorted({int(one) for one in found.column("_service").to_pylist()}) == list(range(3, MOST_FILES + 3))
    assert newest_rows(tmp_path, 15).num_rows == 20
    assert 0 < written_since(tmp_path, time.time() - 1_000 + 5) < written_since(tmp_path, 0)


def newest_of(path: Path) -> str:
    return pq.read_table(path, columns=["_service"], partitioning=None).column(0)[0].as_py()


def test_a_file_that_is_half_written_is_passed_over(tmp_path: Path) -> None:
    EventTable(tmp_path).append(_rows(3, "Security"), "w", 1)
    place = next(tmp_path.rglob("*.parquet")).parent
    (place / "half.parquet").write_bytes(b"PAR1 and no end")
    assert newest_rows(tmp_path).num_rows == 3
