"""Folding repeated signals of one rule, host and user within a session. Owns the folding; novelty and scores come later."""

from collections import defaultdict
from dataclasses import dataclass

import pyarrow as pa

from watchkeeper.correlation.columns import Arranged, at_rows, grouped
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
    fold_of = [
        positions.setdefault(key, len(positions)) for key in zip(session_of, arranged.rules.codes, arranged.users.codes, strict=True)
    ]
    rows = _rows(fold_of, len(positions))
    first = [of[0] for of in rows]
    titles, hosts, synthetic = (at_rows(arranged.table, name, first) for name in ("title", "host", "synthetic"))
    techniques, tactics = (_listed(arranged.table, name, fold_of) for name in ("techniques", "tactics"))
    entities = _entities(arranged.table, fold_of)
    exemplars = _exemplars(arranged.table, rows)
    return [
        Folded(
            id=digest(spans[session].id, arranged.rules.names[rule], arranged.users.names[user]),
            session=session,
            rule=arranged.rules.names[rule],
            title=titles[at],
            level=max(arranged.levels[row] for row in rows[at]),
            host=hosts[at],
            user=arranged.users.names[user],
            first=arranged.times[rows[at][0]],
            last=arranged.times[rows[at][-1]],
            count=len(rows[at]),
            exemplars=exemplars[at],
            techniques=techniques.get(at, ()),
            tactics=tactics.get(at, ()),
            entities=entities.get(at, frozenset()),
            synthetic=synthetic[at],
        )
        for at, (session, rule, user) in enumerate(positions)
    ], fold_of


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


def _exemplars(table: pa.Table, rows: list[list[int]]) -> list[tuple[str, ...]]:
    """Give the ids of the signals that stand for each fold."""
    picked = [_spread(of) for of in rows]
    ids = iter(at_rows(table, "id", [row for of in picked for row in of]))
    return [tuple(next(ids) for _ in of) for of in picked]


def _listed(table: pa.Table, name: str, fold_of: list[int]) -> dict[int, tuple[str, ...]]:
    """Give the distinct values of a list column in each fold, sorted."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for position, (value,) in grouped(table, name, fold_of):
        found[position].add(value)
    return {position: tuple(sorted(values)) for position, values in found.items()}


def _entities(table: pa.Table, fold_of: list[int]) -> dict[int, frozenset[EntityKey]]:
    """Give the distinct entities of each fold."""
    found: defaultdict[int, set[EntityKey]] = defaultdict(set)
    for position, (kind, value) in grouped(table, "entities", fold_of, ("kind", "value")):
        found[position].add((kind, value))
    return {position: frozenset(keys) for position, keys in found.items()}


def apart(one: Folded, other: Folded) -> float:
    """Give the µs between two folds; folds without times lie together only within one session."""
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return 0.0 if one.session == other.session else float("inf")
    return max(0, other.first - one.last, one.first - other.last)


def lasts(one: Folded) -> int:
    """Give the µs from the first signal to the last; 0 without times."""
    return 0 if one.first is None or one.last is None else one.last - one.first
