"""A part file says what is in it, however odd that is, and leaves nothing behind where it fails."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.lake.part_file import GROUP_ROWS, PART_SCHEMA, write_part


def _part(rows: pa.Table) -> pa.Table:
    return rows.select(PART_SCHEMA.names).cast(PART_SCHEMA)


def test_groups_are_written_one_after_the_other_and_bounds_cover_all(tmp_path: Path, events: SimpleNamespace) -> None:
    first, second = (_part(events.stored(*({"_host": host} for _ in range(3)))) for host in ("b", "a"))
    size, said = write_part(tmp_path / "new" / "part.parquet", [first, second])
    assert size == (tmp_path / "new" / "part.parquet").stat().st_size
    told = json.loads(said)
    assert (told["numRecords"], told["minValues"]["_host"], told["maxValues"]["_host"]) == (6, "a", "b")
    assert (told["minValues"]["_time"], told["maxValues"]["_time"]) == ("2025-03-01T00:00:00.000000Z", "2025-03-01T00:00:02.000000Z")
    assert pq.read_table(tmp_path / "new" / "part.parquet").cast(PART_SCHEMA).equals(pa.concat_tables([first, second]))


def test_row_groups_stay_small(tmp_path: Path, events: SimpleNamespace) -> None:
    rows = _part(events.stored({})).take(pa.array([0] * (GROUP_ROWS + 1)))
    write_part(tmp_path / "part.parquet", [rows])
    metadata = pq.ParquetFile(tmp_path / "part.parquet").metadata
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [GROUP_ROWS, 1]


@pytest.mark.parametrize("micros", [-(2**62), -62_135_596_800_000_001, 2**62])
def test_a_time_that_no_calendar_has_excludes_nothing(tmp_path: Path, events: SimpleNamespace, micros: int) -> None:
    rows = _part(events.stored({}))
    odd = pa.array([micros], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    told = json.loads(write_part(tmp_path / "part.parquet", [rows.set_column(1, PART_SCHEMA.field("_time"), odd)])[1])
    assert "_time" not in {**told["minValues"], **told["maxValues"]}


def test_an_absent_time_is_counted(tmp_path: Path, events: SimpleNamespace) -> None:
    rows = _part(events.stored({"_time": None, "_received": datetime(2025, 3, 1, tzinfo=UTC)}, {"_time": None}))
    told = json.loads(write_part(tmp_path / "part.parquet", [rows])[1])
    assert (told["nullCount"]["_time"], told["nullCount"]["_id"]) == (2, 0)
    assert "_time" not in told["minValues"]


def test_what_fails_leaves_no_file(tmp_path: Path, events: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="schema"):
        write_part(tmp_path / "part.parquet", [_part(events.stored({})), pa.table({"a": [1]})])
    assert not list(tmp_path.iterdir())
