"""Folding repeated signals of one rule, host and user within a session. Owns the folding; novelty and scores come later."""

from collections import defaultdict
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.correlation.arrange import Arranged, flattened
from watchkeeper.correlation.session import Span, digest

EXEMPLARS = 5
"""At most so many signals stand for a fold: the first, the last, and others spread between them by count."""

EntityKey = tuple[str, str]
"""Kind and value."""


@dataclass(frozen=True, slots=True)
class Folded:
    """Repeated signals before they are judged."""

    id: str
    session: int
    """Position of its session."""
    rule: str
    title: str
    level: int
    """Position in `LEVELS`: the highest among its signals."""
    host: str
    user: str
    first: int | None
    """µs."""
    last: int | None
    count: int
    exemplars: tuple[str, ...]
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    entities: frozenset[EntityKey]
    """Every entity its signals name."""
    synthetic: bool


def fold(arranged: Arranged, spans: list[Span], session_of: list[int]) -> tuple[list[Folded], list[int]]:
    """Give the folds by their first signal, and for each signal the position of its fold."""
    positions: dict[tuple[int, int, int], int] = {}
    fold_of: list[int] = []
    for key in zip(session_of, arranged.rules.codes, arranged.users.codes, strict=True):
        fold_of.append(positions.setdefault(key, len(positions)))
    rows = _rows(fold_of, len(positions))
    listed = {name: _listed(arranged.table, name, fold_of) for name in ("techniques", "tactics")}
    entities = _entities(arranged.table, fold_of)
    firsts = arranged.table.take(pa.array([of[0] for of in rows], pa.int64()))
    titles, synthetic, hosts = (cast("list[str]", firsts.column(name).to_pylist()) for name in ("title", "synthetic", "host"))
    ids = arranged.table.column("id")
    folds: list[Folded] = []
    for position, (session, rule, user) in enumerate(positions):
        of = rows[position]
        span = spans[session]
        rule_name, user_name = arranged.rules.names[rule], arranged.users.names[user]
        folds.append(
            Folded(
                id=digest(span.id, rule_name, span.place, user_name),
                session=session,
                rule=rule_name,
                title=titles[position],
                level=max(arranged.levels[row] for row in of),
                host=hosts[position],
                user=user_name,
                first=arranged.times[of[0]],
                last=arranged.times[of[-1]],
                count=len(of),
                exemplars=tuple(cast("str", ids[row].as_py()) for row in _spread(of)),
                techniques=listed["techniques"].get(position, ()),
                tactics=listed["tactics"].get(position, ()),
                entities=entities.get(position, frozenset()),
                synthetic=bool(synthetic[position]),
            )
        )
    return folds, fold_of


def _rows(fold_of: list[int], folds: int) -> list[list[int]]:
    """Give each fold's rows in time order."""
    rows: list[list[int]] = [[] for _ in range(folds)]
    for row, position in enumerate(fold_of):
        rows[position].append(row)
    return rows


def _spread(rows: list[int]) -> list[int]:
    """Pick the first, the last and some between."""
    if len(rows) <= EXEMPLARS:
        return rows
    return [rows[step * (len(rows) - 1) // (EXEMPLARS - 1)] for step in range(EXEMPLARS)]


def _distinct(flat: pa.Table, fold_of: list[int], columns: dict[str, pa.Array]) -> pa.Table:
    """Give the distinct values in each fold as `fold` and the columns given, in order of first appearance."""
    folds = pa.array(fold_of, pa.int64()).take(flat.column("row"))
    return pa.table({"fold": folds, **columns}).group_by(["fold", *columns], use_threads=False).aggregate([])


def _listed(table: pa.Table, name: str, fold_of: list[int]) -> dict[int, tuple[str, ...]]:
    """Give the distinct values of a list column in each fold, sorted."""
    flat = flattened(table, name)
    pairs = _distinct(flat, fold_of, {"value": flat.column("value")})
    found: defaultdict[int, set[str]] = defaultdict(set)
    for position, value in zip(pairs.column("fold").to_pylist(), pairs.column("value").to_pylist(), strict=True):
        found[cast("int", position)].add(cast("str", value))
    return {position: tuple(sorted(values)) for position, values in found.items()}


def _entities(table: pa.Table, fold_of: list[int]) -> dict[int, frozenset[EntityKey]]:
    """Give the distinct entities of each fold."""
    flat = flattened(table, "entities")
    structs = flat.column("value")
    fields = {name: pc.struct_field(structs, name) for name in ("kind", "value")}
    pairs = _distinct(flat, fold_of, fields)
    found: defaultdict[int, set[EntityKey]] = defaultdict(set)
    for position, kind, value in zip(*(pairs.column(name).to_pylist() for name in ("fold", "kind", "value")), strict=True):
        found[cast("int", position)].add((cast("str", kind), cast("str", value)))
    return {position: frozenset(keys) for position, keys in found.items()}


def apart(one: Folded, other: Folded) -> float:
    """Give the µs between two folds; folds without times lie together only within one session."""
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return 0.0 if one.session == other.session else float("inf")
    return max(0, other.first - one.last, one.first - other.last)
