"""How events are kept: one schema for every log source, in Parquet parts. Owns writing and the way back to batches, not searching.

One schema, whatever wrote the event, so that any part can be read with any other; native fields are one JSON object a row, which DuckDB,
Spark and others read with their JSON functions. `_raw` stays, so that a better reader can read the event again.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.lake.edge_writer import GRAPH, Edges, EdgeWriter
from watchkeeper.model.batch import RESERVED, Batch, Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema import as_json

KEPT_SCHEMA = (
    RESERVED.append(pa.field("_product", pa.string(), nullable=False))
    .append(pa.field("_service", pa.string(), nullable=False))
    .append(pa.field("_event_type", pa.string(), nullable=False))
    .append(pa.field("_fields", pa.string(), nullable=False))
)
"""`RESERVED`, then the log source, then the native fields as one JSON object."""

_PART_ROWS = 100_000
_PART_BYTES = 96 << 20


class Keeper:
    """Appends batches to Parquet parts in a folder; memory stays under one part."""

    def __init__(self, folder: Path, series: str = "") -> None:
        """Make the folder; parts already in it stay. Several that write at the same time each need a series of their own."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._name = f"part-{series}-" if series else "part-"
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._bytes = 0
        self._written = len(list(folder.glob(f"{self._name}*.parquet")))
        self._edges = EdgeWriter(folder / GRAPH, series)

    def add(self, batch: Batch, edges: Edges | None = None) -> None:
        """Keep every event of the batch, and the edges that they show; their rows are the batch's."""
        self.add_kept(_kept(batch), edges)

    def add_kept(self, table: pa.Table, edges: Edges | None = None) -> None:
        """Keep rows that are in `KEPT_SCHEMA` already, and the edges that they show."""
        if edges is not None:
            self._edges.add(edges, self._rows)
        self._waiting.append(table)
        self._rows += table.num_rows
        self._bytes += table.nbytes
        if self._rows >= _PART_ROWS or self._bytes >= _PART_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what waits as one more part; call it before searching."""
        if not self._rows:
            return
        part = pa.concat_tables(self._waiting)
        name = f"{self._name}{self._written:05d}.parquet"
        pq.write_table(part, self._folder / name, compression="zstd", row_group_size=50_000)
        self._edges.flush(name, part.num_rows)
        self._written += 1
        self._waiting = []
        self._rows = self._bytes = 0


def batches(folder: Path) -> Iterator[Batch]:
    """Read kept events back as batches of one log source each, part by part.

    Raises:
        FileNotFoundError: the folder has no parts.
    """
    parts = sorted(folder.glob("*.parquet"))
    if not parts:
        raise FileNotFoundError(f"no kept events in {str(folder)!r}; run investigate with --keep all to keep every event")
    for part in parts:
        yield from _batches(pq.read_table(part, schema=KEPT_SCHEMA))


def _kept(batch: Batch) -> pa.Table:
    count = batch.table.num_rows
    source = batch.logsource
    columns = [batch.table.column(name) for name in RESERVED.names]
    columns += [pa.repeat(pa.scalar(text), count) for text in (source.product, source.service, source.event_type)]
    return pa.Table.from_arrays([*columns, as_json(batch)], schema=KEPT_SCHEMA)


def _batches(table: pa.Table) -> Iterator[Batch]:
    keys = zip(*(table.column(name).to_pylist() for name in ("_product", "_service", "_event_type")), strict=True)
    places: dict[tuple[str, str, str], list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    for (product, service, event_type), rows in places.items():
        part = table.take(rows)
        native = [msgspec.json.decode(text, type=dict[str, Value]) for text in cast("list[str]", part.column("_fields").to_pylist())]
        yield Batch(LogSource(product=product, service=service, event_type=event_type), with_natives(part.select(RESERVED.names), native))


def with_natives(table: pa.Table, rows: Sequence[Mapping[str, Value]]) -> pa.Table:
    """Add native fields to the reserved columns, a column each."""
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name) for row in rows]
        several = any(value is not None and not isinstance(value, str) for value in values)
        if several:
            values = [[value] if isinstance(value, str) else value for value in values]
        table = table.append_column(name, pa.array(cast("Any", values), pa.list_(pa.string()) if several else pa.string()))
    return table
