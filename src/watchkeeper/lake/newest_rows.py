"""The newest rows of the event table as they lie on the disk, without a commit or a question. Owns which files are read, and bounds it."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

MOST_FILES = 8
_DAYS = 2
_COLUMNS = ["_time", "_received", "_source", "_product", "_service", "_event_type", "_fields", "_raw"]


def newest_rows(folder: Path, most: int = 20_000) -> pa.Table:
    """Give rows of the files that were written last, of all tenants: what arrives, and of what kind; up to `most` and a little more.

    A file that is being written or removed is passed over. No table, no rows.
    """
    found: list[pa.Table] = []
    rows = 0
    for path in _newest(folder):
        table = _read(path, most - rows)
        if table is not None:
            found.append(table)
            rows += table.num_rows
        if rows >= most:
            break
    return pa.concat_tables(found, promote_options="default") if found else pa.table({name: pa.array([], pa.string()) for name in _COLUMNS})


def written_since(folder: Path, moment: float) -> int:
    """Give the bytes of the table's files that were written since a moment (seconds since 1970): how fast it grows."""
    return sum(size for day in _days(folder) for _, written, size in _files(day) if written >= moment)


def _newest(folder: Path) -> list[Path]:
    files = sorted((one for day in _days(folder) for one in _files(day)), key=lambda one: -one[1])
    return [path for path, _, _ in files[:MOST_FILES]]


def _days(folder: Path) -> Iterator[Path]:
    for tenant in sorted(folder.glob("_tenant=*")):
        yield from sorted(tenant.glob("_day=*"), reverse=True)[:_DAYS]


def _files(day: Path) -> Iterator[tuple[Path, float, int]]:
    for path in day.glob("*.parquet"):
        try:
            about = path.stat()
        except FileNotFoundError:  # it was compacted meanwhile
            continue
        yield path, about.st_mtime, about.st_size


def _read(path: Path, most: int) -> pa.Table | None:
    """Read the first row groups of a file."""
    try:
        with pq.ParquetFile(path) as file:
            columns = [name for name in _COLUMNS if name in file.schema_arrow.names]
            batches = list(_few(file, columns, most))
    except (OSError, pa.ArrowInvalid):
        return None
    return pa.Table.from_batches(batches) if batches else None


def _few(file: pq.ParquetFile, columns: list[str], most: int) -> Iterator[pa.RecordBatch]:
    rows = 0
    for batch in file.iter_batches(4_096, columns=columns):
        if rows >= most:
            return
        rows += batch.num_rows
        yield batch
