"""Signals in time order as columns of plain values. Owns what of Arrow the row-by-row steps need; it judges nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.model.level import LEVELS
from watchkeeper.model.signal import SIGNAL_SCHEMA

STAND_INS = ("host", "user", "address", "detector")
"""What a signal is filed under, first that it has: its host, else who acted, else its first address, else who reported it."""

_compute = cast("Any", pc)
"""Arrow's functions ship with types too narrow for tables."""


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


def ordered(signals: pa.Table) -> pa.Table:
    """Sort signals by time, then id, those without a time last; the order of the input does not matter."""
    table = signals.select(SIGNAL_SCHEMA.names).cast(SIGNAL_SCHEMA)
    return table.take(_compute.sort_indices(table, sort_keys=[("time", "ascending"), ("id", "ascending")])).combine_chunks()


def coded(table: pa.Table) -> Arranged:
    """Code what the next steps walk over; the signals are in order."""
    table = table.combine_chunks()
    levels = _coded(table.column("level"))
    ranks = [LEVELS.index(cast("Any", name)) for name in levels.names]
    return Arranged(
        table=table,
        times=table.column("time").cast(pa.int64()).to_pylist(),
        places=_coded(_places(table)),
        rules=_coded(table.column("rule")),
        users=_coded(table.column("user")),
        levels=[ranks[code] for code in levels.codes],
    )


def at_rows(table: pa.Table, name: str, rows: Sequence[int]) -> list[Any]:
    """Give a column's values at these rows."""
    column = cast("Any", table.column(name))
    return column.take(pa.array(rows, pa.int64())).to_pylist()


def grouped(table: pa.Table, name: str, group_of: Any, fields: Sequence[str] = ()) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each group of rows with the distinct elements of a list column in it; of structs the fields named, else the element alone."""
    column = cast("Any", table.column(name).combine_chunks())
    elements = _compute.list_flatten(column)
    values = {field: _compute.struct_field(elements, field) for field in fields} or {"value": elements}
    groups = cast("Any", pa.array(group_of, pa.int64())).take(_compute.list_parent_indices(column))
    distinct = cast("Any", pa.table({"group": groups, **values})).group_by(["group", *values], use_threads=False).aggregate([])
    for group, *rest in zip(*(distinct.column(field).to_pylist() for field in ("group", *values)), strict=True):
        yield group, tuple(rest)


def _coded(column: Any) -> Coded:
    """Give each distinct value a number, in order of first appearance."""
    encoded = column.combine_chunks().dictionary_encode()
    return Coded(encoded.indices.to_pylist(), encoded.dictionary.to_pylist())


def _places(table: pa.Table) -> Any:
    """Say where each signal is filed."""
    host, user, address, detector = STAND_INS
    named = [
        (host, table.column("host")),
        (user, table.column("user")),
        (address, _first_address(table)),
        (detector, table.column("detector")),
    ]
    missing = pa.scalar(None, pa.string())
    prefixed = [_compute.binary_join_element_wise(kind, column, ":") for kind, column in named]
    known = [_compute.if_else(_compute.equal(column, ""), missing, joined) for (_, column), joined in zip(named, prefixed, strict=True)]
    return _compute.coalesce(*known, prefixed[-1])


def _first_address(table: pa.Table) -> Any:
    """Give each signal's first address, empty where it has none or a host that makes it needless."""
    unhosted = cast("list[int]", _compute.indices_nonzero(_compute.equal(table.column("host"), "")).to_pylist())
    found: dict[int, str] = {}
    for row, entities in zip(unhosted, at_rows(table, "entities", unhosted), strict=True):
        found[row] = next((entity["value"] for entity in entities if entity["kind"] == "address"), "")
    return pa.chunked_array([pa.array([found.get(row, "") for row in range(table.num_rows)], pa.string())])
