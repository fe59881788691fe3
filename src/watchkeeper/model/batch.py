"""Batch: events of one log source as an Arrow table. Owns the reserved columns and the way to walk the rows; reading is `ingest`'s."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa

from watchkeeper.model.logsource import LogSource

RESERVED = pa.schema(
    [
        pa.field("_id", pa.string(), nullable=False),
        pa.field("_time", pa.timestamp("us", tz="UTC")),
        pa.field("_host", pa.string(), nullable=False),
        pa.field("_source", pa.string(), nullable=False),
        pa.field("_row", pa.int64(), nullable=False),
        pa.field("_raw", pa.string(), nullable=False),
    ]
)
"""Columns every batch starts with: event id (32 hex digits), event time (UTC, null if the source gives none), host (lower case, no domain;
empty if unknown), the file it was read from, the 0-based record in it, and the record as text. All other columns are native fields."""

Value = str | Sequence[str]
"""A native value: numbers and booleans are text as the source writes them (true, false); several values are a list of text."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Events of one log source; columns are `RESERVED`, then native fields, each `string` or `list<string>`, null where a row lacks it."""

    logsource: LogSource
    table: pa.Table

    def rows(self) -> Iterator[Mapping[str, Value]]:
        """Yield each event's native fields, without those it lacks and without the reserved columns; order is the table's."""
        native = [name for name in self.table.column_names if not name.startswith("_")]
        if not native:
            yield from ({} for _ in range(self.table.num_rows))
            return
        columns = [cast("list[Value | None]", self.table.column(name).to_pylist()) for name in native]
        for values in zip(*columns, strict=True):
            yield {name: value for name, value in zip(native, values, strict=True) if value is not None}
