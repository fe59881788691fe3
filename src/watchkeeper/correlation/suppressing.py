"""Which signals a suppression means. Owns the comparison and setting signals aside, none lost; who may suppress what is `autopilot`'s."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast, get_args

import pyarrow as pa
import pyarrow.compute

from watchkeeper.model.entity import EntityKind
from watchkeeper.model.level import LEVELS
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.model.suppression import Suppression, Where

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
_COLUMNS = frozenset({"host", "user", "source", "detector"})
_KINDS: frozenset[str] = frozenset(get_args(EntityKind))
SEVERE = LEVELS[LEVELS.index("high") :]
"""Signals of these levels are never set aside by a suppression that names no rule."""
ASIDE_SCHEMA = SIGNAL_SCHEMA.append(pa.field("suppressed", pa.string(), nullable=False))
"""A signal that was set aside, and the id of the suppression."""


def set_aside(signals: pa.Table, suppressions: Sequence[Suppression]) -> tuple[pa.Table, pa.Table]:
    """Give the signals that stay (`SIGNAL_SCHEMA`) and those that the first suppression that means them sets aside (`ASIDE_SCHEMA`)."""
    owner: dict[int, str] = {}
    for one in suppressions:
        for row in meant(signals, one):
            owner.setdefault(row, one.id)
    if not owner:
        return signals, ASIDE_SCHEMA.empty_table()
    rows = sorted(owner)
    aside = signals.select(SIGNAL_SCHEMA.names).take(pa.array(rows, pa.int64()))
    staying = pa.array([row not in owner for row in range(signals.num_rows)], pa.bool_())
    return signals.filter(staying), aside.append_column("suppressed", pa.array([owner[row] for row in rows])).cast(ASIDE_SCHEMA)


def meant(signals: pa.Table, suppression: Suppression) -> list[int]:
    """Give the rows that a suppression means, whether or not it is in force (at least the columns of `SIGNAL_SCHEMA`)."""
    if suppression.rule:
        mask = pc.equal(signals.column("rule"), suppression.rule)
    else:
        mask = pc.invert(pc.is_in(signals.column("level"), value_set=pa.array(SEVERE)))
    rows = cast("list[int]", pc.indices_nonzero(mask).to_pylist())
    if not suppression.where or not rows:
        return rows
    asked = [(one, matcher(one.value)) for one in suppression.where]
    columns = list(dict.fromkeys(_column(one) for one, _ in asked))
    part = signals.select(columns).take(pa.array(rows, pa.int64()))
    return [row for row, signal in zip(rows, _rows(part), strict=True) if all(_has(signal, one, is_it) for one, is_it in asked)]


def matcher(wanted: str) -> Callable[[str], bool]:
    """Give the comparison with a value in which `*` stands for any text, in time linear in what is compared."""
    first, *rest = wanted.casefold().split("*")
    if not rest:
        return lambda value: value.casefold() == first
    *middle, last = rest

    def is_it(value: str) -> bool:
        text = value.casefold()
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for part in middle:
            found = text.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return True

    return is_it


def _rows(part: pa.Table) -> Iterator[Mapping[str, Any]]:
    for batch in part.to_batches(max_chunksize=8192):
        yield from batch.to_pylist()


def _column(where: Where) -> str:
    if where.name in _COLUMNS:
        return where.name
    return "entities" if where.name in _KINDS else "matches"


def _has(signal: Mapping[str, Any], where: Where, is_it: Callable[[str], bool]) -> bool:
    return any(map(is_it, _values(signal, where)))


def _values(signal: Mapping[str, Any], where: Where) -> Iterable[str]:
    column = _column(where)
    match column:
        case "entities":
            return (one["value"] for one in signal[column] if one["kind"] == where.name)
        case "matches":
            return (one["value"] for one in signal[column] if one["field"].casefold() == where.name.casefold())
        case _:
            return (signal[column],)
