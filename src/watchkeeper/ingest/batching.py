"""Rows to batches: grouped by log source, bounded in rows and bytes. Owns the Arrow columns; ids and hosts come from `identity`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import pyarrow as pa

from watchkeeper.ingest.identity import host_name
from watchkeeper.ingest.reader import Row
from watchkeeper.model.batch import RESERVED, Batch, Value
from watchkeeper.model.logsource import LogSource

Column: TypeAlias = "pa.Array[Any]"

MAX_ROWS = 16_384
"""Rows held over all log sources before everything is handed on."""
MAX_RAW_CHARS = 24 * 1024 * 1024
"""Characters of raw text held before everything is handed on."""


MAX_COLUMNS = 2_048
"""Native fields in one batch, unless one record alone has more."""


class Placed(NamedTuple):
    """A row with its place: the id it has, the file people are shown, its position there."""

    row: Row
    id: str
    source: str
    position: int


class Batcher:
    """Holds rows until a batch is full; memory stays flat however many log sources there are."""

    def __init__(self, batch_rows: int) -> None:
        if batch_rows < 1:
            raise ValueError(f"batch_rows is {batch_rows}; it must be at least 1")
        self._batch_rows = batch_rows
        self._groups: dict[LogSource, list[Placed]] = {}
        self._known: dict[int, tuple[LogSource, list[Placed]]] = {}
        self._rows = 0
        self._chars = 0

    def add(self, placed: Placed) -> Iterator[Batch]:
        """Take one row; yield what became full by it."""
        logsource, group = self._group(placed.row.logsource)
        group.append(placed)
        self._rows += 1
        self._chars += len(placed.row.raw)
        if len(group) >= self._batch_rows:
            yield from _batches(logsource, group)
            self._rows -= len(group)
            self._chars -= sum(len(one.row.raw) for one in group)
            group.clear()
        elif self._rows >= MAX_ROWS or self._chars >= MAX_RAW_CHARS:
            yield from self.flush()

    def flush(self) -> Iterator[Batch]:
        """Yield everything held, by log source in order of first appearance."""
        for logsource, group in self._groups.items():
            if group:
                yield from _batches(logsource, group)
        self._groups, self._known = {}, {}
        self._rows = self._chars = 0

    def _group(self, logsource: LogSource) -> tuple[LogSource, list[Placed]]:
        # readers reuse the same LogSource object, and its identity is cheaper to look up than its hash
        known = self._known.get(id(logsource))
        if known is None:
            known = logsource, self._groups.setdefault(logsource, [])
            self._known[id(logsource)] = known
        return known


def _batches(logsource: LogSource, group: Sequence[Placed]) -> Iterator[Batch]:
    """Make one batch, or several where records with ever new fields would make a table too wide."""
    start, names = 0, dict[str, None]()
    for at, one in enumerate(group):
        if one.row.fields.keys() <= names.keys():
            continue
        if at > start and len(names.keys() | one.row.fields.keys()) > MAX_COLUMNS:
            yield _batch(logsource, group[start:at], list(names))
            start, names = at, {}
        names.update(dict.fromkeys(one.row.fields))
    yield _batch(logsource, group[start:], list(names))


def _batch(logsource: LogSource, group: Sequence[Placed], natives: Sequence[str]) -> Batch:
    reserved = (
        [one.id for one in group],
        [one.row.time for one in group],
        [host_name(one.row.host) for one in group],
        [one.source for one in group],
        [one.position for one in group],
        [one.row.raw for one in group],
    )
    names = list(RESERVED.names)
    columns = [_column(values, kind) for values, kind in zip(reserved, RESERVED.types, strict=True)]
    for native, column in zip(natives, _native([one.row.fields for one in group], natives), strict=True):
        names.append(_column_name(native, names))
        columns.append(column)
    native_fields = [pa.field(name, column.type) for name, column in zip(names[len(RESERVED) :], columns[len(RESERVED) :], strict=True)]
    schema = pa.schema([*cast("list[pa.Field[Any]]", list(RESERVED)), *native_fields])
    return Batch(logsource, pa.Table.from_arrays(columns, schema=schema))


def _column_name(native: str, taken: Sequence[str]) -> str:
    """Name a native field's column: without underscores in front, which are reserved, and with one behind if the name is taken."""
    name = (native.lstrip("_") or "field").encode(errors="replace").decode()
    while name in taken:
        name += "_"
    return name


def _native(rows: Sequence[Mapping[str, Value]], names: Sequence[str]) -> list[Column]:
    try:
        structs = cast("pa.StructArray", pa.array(rows, pa.struct([pa.field(name, pa.string()) for name in names])))
        return cast("list[Column]", structs.flatten())
    except (pa.ArrowException, UnicodeEncodeError):
        return [_mixed([row.get(name) for row in rows]) for name in names]


def _mixed(values: list[Value | None]) -> Column:
    cleaned = [value if value is None else _clean(value) for value in values]
    if any(isinstance(value, list) for value in cleaned):
        return pa.array([[value] if isinstance(value, str) else value for value in cleaned], pa.list_(pa.string()))
    return pa.array(cleaned, pa.string())


def _clean(value: Value) -> str | list[str]:
    """Replace what UTF-8 cannot hold."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return [one.encode(errors="replace").decode() for one in value]


def _column(values: Sequence[object], kind: pa.DataType) -> Column:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([_clean(str(value)) for value in values], kind)
