"""Arrow batches through the engine. Owns finding values in columns; what an event of a batch means is the reference's.

column of a field ─► bytes, limits, event of each value ─► slot ─► (event, slot) pairs of all fields, sorted by event ─► answers
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.detection.plan import Plan, Ready
from watchkeeper.detection.sigma.condition import SameAs
from watchkeeper.detection.sigma.fused import kernels_sum as kernels
from watchkeeper.detection.sigma.fused.engine import PLACES, PLAIN, Engine, Integers
from watchkeeper.detection.sigma.fused.keywords import Search
from watchkeeper.detection.sigma.fused.kinds import Kind
from watchkeeper.detection.sigma.fused.tables import MOST_FRESH
from watchkeeper.model.batch import Value


class Hit(NamedTuple):
    """What was found on one row."""

    row: int
    ready: Ready | None
    """The rule; none if the engine cannot say anything of the row, and the reference has to be asked for every rule."""
    unsure: bool
    """Whether the reference has to be asked."""


class _Values(NamedTuple):
    """The values of one column."""

    bytes: NDArray[np.uint8]
    limits: Integers
    """Where each begins in the bytes, and where the last one ends."""
    rows: Integers
    """Row of each, or -1 if it is null."""
    empty: Integers
    """Rows that have the field without any value."""


class FusedBatches:
    """Finds the rules that hold on the rows of tables."""

    def __init__(self, table_places: int = PLACES) -> None:
        """Take how many places the value table has, a power of two."""
        self._engine = Engine(table_places)
        self._searches: dict[frozenset[str], Search] = {}
        self._slots: dict[int, int] = {}
        self._fresh = np.empty((MOST_FRESH, 4), np.int64)
        self._copied = np.zeros(1 << 16, np.uint8)

    def hits(self, plan: Plan, table: pa.Table) -> Iterator[Hit]:
        """Yield what holds on the rows, in no particular order."""
        if self._engine.crowded:
            self.forget()
        kind = self._engine.kind(plan)
        if plan.routed:
            yield from self._part(kind, table)

    def forget(self) -> None:
        """Start anew."""
        self._engine.forget()
        self._slots = {}

    def _part(self, kind: Kind, table: pa.Table) -> Iterator[Hit]:
        """Answer for some rows; for each half of them if they have more values than there is room for."""
        values = {name: _values(_column(kind.plan, name, table)) for name in kind.fields if _has(kind.plan, name, table)}
        if sum(len(one.rows) for one in values.values()) <= self._engine.tables.counts[3]:
            yield from self._answered(kind, table, values)
        elif table.num_rows == 1:
            yield Hit(0, None, unsure=True)
        else:
            half = table.num_rows // 2
            yield from self._part(kind, table.slice(0, half))
            yield from (hit._replace(row=hit.row + half) for hit in self._part(kind, table.slice(half)))

    def _answered(self, kind: Kind, table: pa.Table, values: dict[str, _Values]) -> Iterator[Hit]:
        beyond = {row for one in values.values() for row in one.empty.tolist()}
        yield from (Hit(row, None, unsure=True) for row in beyond)
        keyworded = list(self._keyworded(kind, table))
        asked = {(hit.row, hit.ready) for hit in keyworded}
        for hit in [*(one for one in self._found(kind, table, values) if (one.row, one.ready) not in asked), *keyworded]:
            if hit.row not in beyond:
                yield hit

    def _found(self, kind: Kind, table: pa.Table, values: dict[str, _Values]) -> Iterator[Hit]:
        tables = self._engine.tables
        pairs = np.empty((sum(len(one.rows) for one in values.values()), 2), np.int64)
        state = np.zeros(4, np.int64)
        for name, one in values.items():
            longest = int(np.diff(one.limits).max(initial=0))
            if longest + 64 > len(self._copied) // 2:
                self._copied = self._grown(longest, state)
            base = np.uint64(one.bytes.ctypes.data)
            while not kernels.column(
                base, one.limits, one.rows, kind.fields[name], tables.secret, tables.young, tables.signatures, tables.old,
                tables.old_signatures, tables.closed, tables.counts, pairs, self._fresh, self._copied, state,
            ):  # fmt: skip
                self._match(state)
        self._match(state)
        pairs = np.concatenate([pairs[: state[0]], *(self._compared(kind, table, pair, atom) for pair, atom in kind.pairs.items())])
        offsets, slots = kernels.by_event(pairs, len(pairs), table.num_rows)
        answers = self._engine.answers(np.full(table.num_rows, kind.number, np.int32), offsets, slots)
        for event, program, unsure in zip(answers.events.tolist(), answers.programs.tolist(), answers.unsure.tolist(), strict=True):
            yield Hit(event, self._engine.kinds.ready[program][1], unsure)
        tables.settle()

    def _compared(self, kind: Kind, table: pa.Table, pair: tuple[str, SameAs], atom: int) -> Integers:
        """Give (row, slot) for each row where two fields may be alike; the reference says whether they are."""
        slot = self._slots.get(atom + 1)
        if slot is None:
            slot = self._slots[atom + 1] = self._engine.tables.slot(atom + 1)
        rows = np.flatnonzero(_may_be_alike(kind.plan, table, *pair))
        return np.column_stack([rows, np.full(len(rows), slot, np.int64)])

    def _grown(self, longest: int, state: Integers) -> NDArray[np.uint8]:
        self._match(state)
        return np.zeros(4 * (longest + 64), np.uint8)

    def _match(self, state: Integers) -> None:
        """Match the new values so far."""
        if state[1]:
            self._engine.match(self._copied, self._fresh[: state[1]], PLAIN)
        state[1] = state[2] = 0

    def _keyworded(self, kind: Kind, table: pa.Table) -> Iterator[Hit]:
        if not kind.keyworded:
            return
        texts = frozenset[str]().union(*(wanted for _, wanted in kind.keyworded))
        search = self._searches.get(texts)
        if search is None:
            search = self._searches[texts] = Search(sorted(texts), escaped=False)
        found: dict[int, set[str]] = {}
        for name in table.column_names:
            if not name.startswith("_"):
                _scan(search, _values(_whole(table, name)), found)
        for row, here in found.items():
            yield from (Hit(row, ready, unsure=True) for ready, wanted in kind.keyworded if not wanted.isdisjoint(here))


def _scan(search: Search, values: _Values, found: dict[int, set[str]]) -> None:
    """Add to each row the texts found in its values."""
    begin, end = int(values.limits[0]), int(values.limits[-1])
    if begin == end:
        return
    numbers, ends = search.found(values.bytes[begin:end])
    of = values.rows[np.searchsorted(values.limits, ends + begin - 1, side="right") - 1]
    for row, number in set(zip(of.tolist(), numbers.tolist(), strict=True)):
        if row >= 0:
            found.setdefault(row, set()).update(search.meant(int(number)))


def _may_be_alike(plan: Plan, table: pa.Table, name: str, test: SameAs) -> NDArray[np.bool_]:
    """Say of each row whether two fields may be as a test wants; only for plain ones it is looked at."""
    both = name, test.field
    everywhere = np.ones(table.num_rows, np.bool_)
    if any(one not in table.column_names for one in both):
        return everywhere if any(one in plan.derived or one in plan.fixed for one in both) else ~everywhere
    one, other = (_whole(table, name) for name in both)
    if test.starts or test.ends or test.cased or pa.types.is_list(one.type) or pa.types.is_list(other.type):
        return everywhere
    lowered = [pc.ascii_lower(side).to_pylist() for side in (one, other)]
    pairs = zip(*cast("list[list[str | None]]", lowered), strict=True)
    return np.array([a is not None and b is not None and (a == b or not (a.isascii() and b.isascii())) for a, b in pairs], np.bool_)


def _has(plan: Plan, name: str, table: pa.Table) -> bool:
    return name in plan.derived or (name in table.column_names and not name.startswith("_"))


def _column(plan: Plan, name: str, table: pa.Table) -> "pa.Array[Any]":
    """Give a native column, or make the derived one."""
    how = plan.derived.get(name)
    if how is None:
        return _whole(table, name)
    sources = [
        cast("list[Value | None]", table.column(one).to_pylist() if one in table.column_names else [None] * table.num_rows)
        for one in how.sources
    ]
    filled = [
        how.fill({one: value for one, value in zip(how.sources, values, strict=True) if value is not None})
        for values in zip(*sources, strict=True)
    ]
    return pa.array([None if text is None else text.encode(errors="replace").decode() for text in filled], pa.string())


def _whole(table: pa.Table, name: str) -> "pa.Array[Any]":
    found: Any = table.column(name)
    return found.chunk(0) if found.num_chunks == 1 else pa.concat_arrays(found.chunks)


def _values(array: "pa.Array[Any]") -> _Values:
    """Give the values of a column of texts, or of lists of texts."""
    rows = np.arange(len(array), dtype=np.int64)
    empty = np.zeros(0, np.int64)
    if pa.types.is_list(array.type):
        lists = cast("pa.ListArray[Any]", array)
        sizes = np.asarray(lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), np.int64)
        empty = rows[(sizes == 0) & np.asarray(array.is_valid())]
        rows, array = np.repeat(rows, sizes), cast("pa.Array[Any]", lists.flatten())
    if array.null_count:
        rows = np.where(np.asarray(array.is_valid()), rows, -1)
    _, offsets, data = array.buffers()
    limits = np.zeros(len(array) + 1, np.int64)
    if offsets is not None and len(array):
        limits[:] = np.frombuffer(memoryview(offsets), np.int32)[array.offset : array.offset + len(array) + 1]
    return _Values(np.frombuffer(memoryview(data) if data is not None else b"", np.uint8), limits, rows, empty)
