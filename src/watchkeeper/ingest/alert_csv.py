"""Alerts in CSV, row by row or in columns. Owns the header and which way a chunk goes; both ways give the same events."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, cast

from watchkeeper.ingest.alert_columns import column_maker, fits_columns
from watchkeeper.ingest.alert_mapping import AlertMapping
from watchkeeper.ingest.alert_signals import row_maker
from watchkeeper.ingest.csv_chunks import CHUNK_BYTES, Ahead, table
from watchkeeper.ingest.csv_records import joined, records
from watchkeeper.ingest.lines import Lines
from watchkeeper.ingest.reader import Columns, Row, Skipped
from watchkeeper.model.batch import Value

LEAST_BYTES = 65_536
"""Less than this is read row by row: small files share a batch, and columns would not be faster."""
_Rows = Callable[[Lines, Callable[[], bool]], Iterator[Row | Skipped]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one file of CSV is written."""

    delimiter: str
    header: Sequence[str]
    """Names of the columns, in order."""


def dialect_of(mapping: AlertMapping, header: str) -> Dialect | None:
    """Find the delimiter that makes a file's first line fit; none if it is not the header of such alerts."""
    for delimiter in mapping.delimiter:
        try:
            names = next(csv.reader([header], delimiter=delimiter))
        except (csv.Error, StopIteration):
            continue
        if set(mapping.columns) <= set(names) and set(mapping.without).isdisjoint(names):
            return Dialect(delimiter, names)
    return None


def csv_rows(mapping: AlertMapping, dialect: Dialect, stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Read what comes after the header, which is the stream's first line, one record at a time."""
    stream.readline()
    yield from _row_reader(mapping, dialect)(stream, lambda: False)


def csv_columns(
    mapping: AlertMapping, dialect: Dialect, stream: IO[bytes], *, chunk_bytes: int = CHUNK_BYTES, least_bytes: int = LEAST_BYTES
) -> Iterator[Row | Skipped | Columns]:
    """Read the same, a chunk at a time; one that is small or doubtful is read record by record."""
    names = [dialect.header[place] for place in _kept(mapping, dialect)]
    if not fits_columns(names):
        yield from csv_rows(mapping, dialect, stream)
        return
    stream.readline()
    rows, make = _row_reader(mapping, dialect), column_maker(mapping, dialect.delimiter)
    ahead = Ahead(cast("io.BufferedIOBase", stream), chunk_bytes)
    while not ahead.is_over:
        chunk = ahead.look()
        cells = table(chunk, dialect.delimiter, len(dialect.header), _kept(mapping, dialect)) if len(chunk) >= least_bytes else None
        if cells is None:
            end = ahead.position + max(len(chunk), least_bytes)
            yield from rows(ahead, lambda end=end: ahead.position >= end)
        else:
            ahead.take(len(chunk))
            yield make({name: column.combine_chunks() for name, column in zip(names, cells.columns, strict=True)})


def _kept(mapping: AlertMapping, dialect: Dialect) -> list[int]:
    return [place for place, name in enumerate(dialect.header) if name and name not in mapping.leave_out]


def _row_reader(mapping: AlertMapping, dialect: Dialect) -> _Rows:
    make, kept, delimiter = row_maker(mapping), _kept(mapping, dialect), dialect.delimiter
    names = [dialect.header[place] for place in kept]

    def rows(stream: Lines, enough: Callable[[], bool]) -> Iterator[Row | Skipped]:
        for cells in records(stream, delimiter, len(dialect.header), enough):
            if isinstance(cells, Skipped):
                yield cells
                continue
            found = [cells[place] for place in kept]
            fields: dict[str, Value] = dict(zip(names, found, strict=True))
            if "" in found:
                fields = {name: cell for name, cell in fields.items() if cell}
            yield make(fields, joined(found, delimiter))

    return rows
