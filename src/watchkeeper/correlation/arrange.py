"""Signals in time order as columns of small integers. Owns what of Arrow the row-by-row steps need; it judges nothing."""

from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.model.signal import LEVELS, SIGNAL_SCHEMA

STAND_INS = ("host", "user", "address", "detector")
"""What a signal is filed under, first that it has: its host, else who acted, else its first address, else who reported it."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of text as numbers into its distinct values."""

    codes: list[int]
    names: list[str]


@dataclass(frozen=True, slots=True)
class Arranged:
    """Signals sorted by time, then id; those without a time come last."""

    table: pa.Table
    times: list[int | None]
    """µs since 1970-01-01 UTC."""
    places: Coded
    """Where each signal is filed, as `kind:value` with a kind of `STAND_INS`."""
    rules: Coded
    users: Coded
    levels: list[int]
    """Positions in `LEVELS`."""


def arrange(signals: pa.Table) -> Arranged:
    """Sort the signals and code what the next steps walk over; the order of the input does not matter."""
    table = signals.select(SIGNAL_SCHEMA.names).cast(SIGNAL_SCHEMA)
    table = table.take(pc.sort_indices(table, sort_keys=[("time", "ascending"), ("id", "ascending")]))
    table = table.combine_chunks()
    levels = coded(table.column("level"))
    ranks = [LEVELS.index(name) for name in levels.names]
    return Arranged(
        table=table,
        times=cast("list[int | None]", table.column("time").cast(pa.int64()).to_pylist()),
        places=coded(_places(table)),
        rules=coded(table.column("rule")),
        users=coded(table.column("user")),
        levels=[ranks[code] for code in levels.codes],
    )


def coded(column: pa.ChunkedArray) -> Coded:
    """Give each distinct value a number, in order of first appearance."""
    encoded = cast("pa.DictionaryArray", column.combine_chunks().dictionary_encode())
    return Coded(cast("list[int]", encoded.indices.to_pylist()), cast("list[str]", encoded.dictionary.to_pylist()))


def _places(table: pa.Table) -> pa.ChunkedArray:
    """Say where each signal is filed."""
    columns = [table.column("host"), table.column("user"), first_of_kind(table, "address"), table.column("detector")]
    named = [_prefixed(kind, column) for kind, column in zip(STAND_INS, columns, strict=True)]
    return cast("pa.ChunkedArray", pc.coalesce(*named))


def _prefixed(kind: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Put the kind before each value; an empty one is null, except in the last resort."""
    named = cast("pa.ChunkedArray", pc.binary_join_element_wise(kind, column, ":"))
    if kind == STAND_INS[-1]:
        return named
    return cast("pa.ChunkedArray", pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), named))


def first_of_kind(table: pa.Table, kind: str) -> pa.ChunkedArray:
    """Give each signal's first entity of a kind, empty where it has none."""
    flat = flattened(table, "entities")
    values = flat.column("value")
    of_kind = pa.table({"row": flat.column("row"), "value": values.combine_chunks().field("value")}).filter(
        pc.equal(values.combine_chunks().field("kind"), kind)
    )
    firsts = of_kind.group_by("row", use_threads=False).aggregate([("value", "first")])
    found = dict(zip(firsts.column("row").to_pylist(), firsts.column("value_first").to_pylist(), strict=True))
    return pa.chunked_array([pa.array([cast("str", found.get(row, "")) for row in range(table.num_rows)], pa.string())])


def flattened(table: pa.Table, name: str) -> pa.Table:
    """Give a list column's elements as `value`, each with the `row` of the table it stands in."""
    column = table.column(name).combine_chunks()
    return pa.table({"row": pc.list_parent_indices(column), "value": pc.list_flatten(column)})
