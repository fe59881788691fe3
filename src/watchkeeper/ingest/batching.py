"""Rows to batches: grouped by log source, bounded in rows and bytes. Owns the Arrow columns; ids and hosts come from `identity`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias, cast

import pyarrow as pa

from watchkeeper.ingest.identity import EventIds, host_name
from watchkeeper.ingest.reader import Columns, Row
from watchkeeper.model.batch import RESERVED, Batch, Value
from watchkeeper.model.logsource import LogSource

Column: TypeAlias = "pa.Array[Any]"

MAX_ROWS = 16_384
"""Rows held over all log sources before the largest groups are handed on."""
MAX_RAW_CHARS = 24 * 1024 * 1024
"""Characters of raw text held before the largest groups are handed on."""


MAX_COLUMNS = 2_048
"""Native fields in one batch, unless one record alone has more."""


class Placed(NamedTuple):
    """A row with its place: the id it has, the file people are shown, its position there."""

    row: Row
    id: str
    source: str
    position: int


@dataclass(slots=True)
class _Group:
    """The rows of one log source that wait."""

    rows: list[Placed] = field(default_factory=list[Placed])
    chars: int = 0
    """Of their raw text."""

    @property
    def share(self) -> float:
        """How much of what may be held it takes."""
        return max(len(self.rows) / MAX_ROWS, self.chars / MAX_RAW_CHARS)


class Batcher:
    """Holds rows until a batch is full; memory stays flat however many log sources there are."""

    def __init__(self, batch_rows: int) -> None:
        if batch_rows < 1:
            raise ValueError(f"batch_rows is {batch_rows}; it must be at least 1")
        self._batch_rows = batch_rows
        self._groups: dict[LogSource, _Group] = {}
        self._known: dict[int, tuple[LogSource, _Group]] = {}
        self._rows = 0
        self._chars = 0

    def add(self, placed: Placed) -> Iterable[Batch]:
        """Take one row; give what became full by it."""
        logsource, group = self._group(placed.row.logsource)
        chars = len(placed.row.raw)
        group.rows.append(placed)
        group.chars += chars
        self._rows += 1
        self._chars += chars
        if len(group.rows) >= self._batch_rows:
            return self._handed_on(logsource)
        if self._rows >= MAX_ROWS or self._chars >= MAX_RAW_CHARS:
            return self._lightened()
        return ()

    def add_columns(self, columns: Columns, event_ids: EventIds, source: str, position: int) -> Iterator[Batch]:
        """Take many events at once, of which the first record stands at `position`; give them with what waits of their log source."""
        if columns.logsource in self._groups:
            yield from self._handed_on(columns.logsource)
        table, count = _table(columns, event_ids, source, position), len(columns.places)
        for part in range(parts := -(-count // self._batch_rows)):
            start = count * part // parts
            yield Batch(columns.logsource, table.slice(start, count * (part + 1) // parts - start))

    def flush(self) -> Iterator[Batch]:
        """Yield everything held, by log source in order of first appearance."""
        for logsource in list(self._groups):
            yield from self._handed_on(logsource)

    def _lightened(self) -> Iterator[Batch]:
        """Yield the largest groups until half of what may be held is left, so that rare log sources gather more than a few rows."""
        for logsource in sorted(self._groups, key=lambda one: -self._groups[one].share):
            yield from self._handed_on(logsource)
            if self._rows <= MAX_ROWS // 2 and self._chars <= MAX_RAW_CHARS // 2:
                return

    def _handed_on(self, logsource: LogSource) -> Iterator[Batch]:
        group = self._groups.pop(logsource)
        self._known.clear()
        self._rows -= len(group.rows)
        self._chars -= group.chars
        yield from _batches(logsource, group.rows)

    def _group(self, logsource: LogSource) -> tuple[LogSource, _Group]:
        # readers reuse the same LogSource object, and its identity is cheaper to look up than its hash
        known = self._known.get(id(logsource))
        if known is None:
            known = self._known[id(logsource)] = logsource, self._groups.setdefault(logsource, _Group())
        return known


def _batches(logsource: LogSource, group: Sequence[Placed]) -> Iterator[Batch]:
    """Make one batch, or several where records with ever new fields would make a table too wide."""
    start, names = 0, dict[str, None]()
    for at, one in enumerate(group):
        if one.row.fields.keys() <= names.keys():
            continue
        if at > start and len(names.keys() | one.row.fields.keys()) > MAX_COLUMNS:
            yield from _with_fields(logsource, group[start:at], list(names))
            start, names = at, {}
        names.update(dict.fromkeys(one.row.fields))
    yield from _with_fields(logsource, group[start:], list(names))


def _with_fields(logsource: LogSource, group: Sequence[Placed], natives: Sequence[str]) -> Iterator[Batch]:
    try:
        structs = cast("pa.StructArray", pa.array([one.row.fields for one in group], pa.struct([(name, pa.string()) for name in natives])))
    except (pa.ArrowException, UnicodeEncodeError):
        for alike in _alike(group):
            present = [name for name in natives if any(name in one.row.fields for one in alike)]
            yield _batch(logsource, alike, {name: texts([one.row.fields.get(name) for one in alike]) for name in present})
    else:
        yield _batch(logsource, group, dict(zip(natives, cast("list[Column]", structs.flatten()), strict=True)))


def _alike(group: Sequence[Placed]) -> Iterator[Sequence[Placed]]:
    """Part rows in which a field is a text from those in which it is a list, so that no value depends on what stands beside it."""
    kinds: dict[str, set[bool]] = {}
    for one in group:
        for name, value in one.row.fields.items():
            kinds.setdefault(name, set()).add(isinstance(value, str))
    mixed = [name for name, found in kinds.items() if len(found) > 1]
    parts: dict[tuple[bool, ...], list[Placed]] = {}
    for one in group:
        parts.setdefault(tuple(not isinstance(one.row.fields.get(name, ""), str) for name in mixed), []).append(one)
    yield from parts.values()


def _batch(logsource: LogSource, group: Sequence[Placed], native: Mapping[str, Column]) -> Batch:
    reserved = (
        [one.id for one in group],
        [one.row.time for one in group],
        [host_name(one.row.host) for one in group],
        [one.source for one in group],
        [one.position for one in group],
        [one.row.raw for one in group],
    )
    columns = [_column(values, kind) for values, kind in zip(reserved, RESERVED.types, strict=True)]
    fields = [pa.field(name, column.type) for name, column in zip(_column_names(list(native)), native.values(), strict=True)]
    schema = pa.schema([*cast("list[pa.Field[Any]]", list(RESERVED)), *fields])
    return Batch(logsource, pa.Table.from_arrays([*columns, *native.values()], schema=schema))


def _table(columns: Columns, event_ids: EventIds, source: str, position: int) -> pa.Table:
    """Make the table of a batch of columns, whose names need no change."""
    rows = cast("Any", pa.array(columns.places + position, pa.int64()))
    hosts = columns.hosts.dictionary_encode()
    reserved: list[Column] = [
        event_ids.of_all(rows, columns.raw),
        columns.times,
        pa.array([host_name(host) for host in hosts.dictionary.to_pylist()], pa.string()).take(hosts.indices),
        pa.repeat(pa.scalar(source), len(rows)),
        rows,
        columns.raw,
    ]
    fields = [pa.field(name, column.type) for name, column in columns.fields.items()]
    schema = pa.schema([*cast("list[pa.Field[Any]]", list(RESERVED)), *fields])
    return pa.Table.from_arrays([*reserved, *columns.fields.values()], schema=schema)


def _column_names(natives: Sequence[str]) -> Iterator[str]:
    """Name the columns of native fields: without underscores in front, which are reserved, and with some behind if the name is taken.

    Names that need no change keep theirs: no record can take the name of another's field.
    """
    taken = {native for native in natives if native == _allowed(native)}
    for native in natives:
        name = native
        if native not in taken:
            name = _allowed(native)
            while name in taken:
                name += "_"
            taken.add(name)
        yield name


def _allowed(native: str) -> str:
    return (native.lstrip("_") or "field").encode(errors="replace").decode()


def texts(values: Sequence[Value | None]) -> Column:
    """Give values as a column: of lists if any is a list, which a text among them is not; what UTF-8 cannot hold is replaced."""
    cleaned = [value if value is None else _clean(value) for value in values]
    several = any(isinstance(value, list) for value in cleaned)
    return pa.array(cleaned, pa.list_(pa.string()) if several else pa.string())


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
