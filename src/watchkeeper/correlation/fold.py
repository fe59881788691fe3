"""Folding repeated signals of one rule, host and user within a session. Owns the folding; novelty and scores come later."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchkeeper.correlation.columns import Arranged, at_rows, grouped
from watchkeeper.correlation.session import Sessions, digest

EXEMPLARS = 5
"""At most so many signals stand for a fold: the first, the last, and others spread between them by count."""
MOST_ENTITIES = 500
"""A fold keeps at most so many of the entities that its signals name; of more, chance says which, by their names alone."""
MOST_USERS = 500
"""In one session a rule has folds of so many users at most; the rest share the fold of nobody."""
SLOT = 10_000_000
"""µs: when signals of a fold came is kept to so much."""

EntityKey = tuple[str, str]
"""Kind and value."""
FoldKey = tuple[int, str, str]
"""Number of the session, rule and user."""

_Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Folded:
    """Repeated signals before they are judged."""

    id: str
    session: int
    """Number of its session."""
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
    """Entities its signals name, `MOST_ENTITIES` at most."""
    synthetic: bool
    slots: frozenset[int] = frozenset()
    """In which slots of time signals came, counted since 1970."""
    more_entities: bool = False
    """Whether its signals name more entities than it keeps."""


class Folds:
    """The folds that are still of interest, in the order of their first signals."""

    def __init__(self, folded: Iterable[tuple[FoldKey, Folded]] = ()) -> None:
        """Go on with these."""
        self.by_key: dict[FoldKey, Folded] = dict(folded)
        self._users: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
        for number, rule, user in self.by_key:
            self._users[number, rule].add(user)

    def take(self, arranged: Arranged, sessions: Sessions, session_of: Sequence[int]) -> tuple[list[FoldKey], Any]:
        """Fold signals that come after all before; give the keys of their folds, by first signal, and each signal's position in them."""
        codes = np.stack([np.asarray(column, np.int64) for column in (session_of, arranged.rules.codes, arranged.users.codes)])
        widths = codes.max(axis=1, initial=0) + 1
        _, firsts, inverse = np.unique((codes[0] * widths[1] + codes[1]) * widths[2] + codes[2], return_index=True, return_inverse=True)
        positions: dict[FoldKey, int] = {}
        place_of = np.zeros(len(firsts), np.int64)
        for at in np.argsort(firsts):
            number, rule, user = (int(code) for code in codes[:, firsts[at]])
            key = self._key(number, arranged.rules.names[rule], arranged.users.names[user])
            place_of[at] = positions.setdefault(key, len(positions))
        fold_of, keys = place_of[inverse], list(positions)
        before = [self.by_key[key].count if key in self.by_key else 0 for key in keys]
        for key, fresh in zip(keys, _folded(arranged, sessions, keys, fold_of, before), strict=True):
            known = self.by_key.get(key)
            self.by_key[key] = _joined(known, fresh) if known else fresh
        return keys, pa.array(fold_of)

    def forget(self, numbers: Iterable[int]) -> None:
        """Let the folds of sessions go."""
        gone = set(numbers)
        self.by_key = {key: of for key, of in self.by_key.items() if key[0] not in gone}
        for pair in [pair for pair in self._users if pair[0] in gone]:
            del self._users[pair]

    def _key(self, number: int, rule: str, user: str) -> FoldKey:
        """Say which fold a signal belongs to."""
        users = self._users[number, rule]
        if user not in users and len(users) >= MOST_USERS:
            return number, rule, ""
        users.add(user)
        return number, rule, user


def _folded(
    arranged: Arranged, sessions: Sessions, keys: Sequence[FoldKey], fold_of: _Positions, before: Sequence[int]
) -> Iterable[Folded]:
    """Yield the folds of these signals alone; of each, so many came before."""
    order = np.argsort(fold_of, kind="stable")
    starts = np.searchsorted(fold_of[order], np.arange(len(keys)))
    rows = np.split(order, starts[1:])
    levels = np.maximum.reduceat(np.asarray(arranged.levels)[order], starts) if len(keys) else ()
    first: list[int] = order[starts].tolist()
    titles, hosts, synthetic = (at_rows(arranged.table, name, first) for name in ("title", "host", "synthetic"))
    techniques, tactics = (_listed(arranged.table, name, fold_of) for name in ("techniques", "tactics"))
    entities = _entities(arranged.table, fold_of)
    exemplars = _exemplars(arranged.table, rows, before)
    slots = _slots(arranged, fold_of)
    for at, (number, rule, user) in enumerate(keys):
        kept = _kept(entities.get(at, set()))
        yield Folded(
            id=digest(sessions.spans[number].id, rule, user),
            session=number,
            rule=rule,
            title=titles[at],
            level=int(levels[at]),
            host=hosts[at],
            user=user,
            first=arranged.times[first[at]],
            last=arranged.times[int(rows[at][-1])],
            count=len(rows[at]),
            exemplars=exemplars[at],
            techniques=techniques.get(at, ()),
            tactics=tactics.get(at, ()),
            entities=kept,
            synthetic=synthetic[at],
            slots=slots.get(at, frozenset()),
            more_entities=len(kept) < len(entities.get(at, ())),
        )


def _joined(known: Folded, fresh: Folded) -> Folded:
    """Add to a fold what came after it."""
    entities = known.entities | fresh.entities
    kept = _kept(entities)
    old, new = _step(known.count), _step(known.count + fresh.count)
    on_step = known.exemplars[: (known.count - 1) // old + 1]
    return replace(
        known,
        level=max(known.level, fresh.level),
        first=_least(known.first, fresh.first),
        last=None if known.last is None or fresh.last is None else max(known.last, fresh.last),
        count=known.count + fresh.count,
        exemplars=(*on_step[:: new // old], *fresh.exemplars),
        techniques=tuple(sorted({*known.techniques, *fresh.techniques})),
        tactics=tuple(sorted({*known.tactics, *fresh.tactics})),
        entities=kept,
        slots=known.slots | fresh.slots,
        more_entities=known.more_entities or fresh.more_entities or len(kept) < len(entities),
    )


def _least(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else min(one, other)


def _step(count: int) -> int:
    """Say at every how many signals one stands for a fold of so many, beside its last: a power of two, so that a fold can grow."""
    return 1 if count <= EXEMPLARS else 1 << ((count - 1) // (EXEMPLARS - 1)).bit_length()


def _exemplars(table: pa.Table, rows: Sequence[_Positions], before: Sequence[int]) -> list[tuple[str, ...]]:
    """Give the ids of the signals that stand for each fold, of which so many came before."""
    picked = [_picked(of, known) for of, known in zip(rows, before, strict=True)]
    ids = iter(at_rows(table, "id", [row for of in picked for row in of]))
    return [tuple(islice(ids, len(of))) for of in picked]


def _picked(rows: _Positions, before: int) -> list[int]:
    """Pick the rows that come at every step, and the last."""
    step = _step(before + len(rows))
    found, last = rows[-before % step :: step].tolist(), int(rows[-1])
    return found if found and found[-1] == last else [*found, last]


def _listed(table: pa.Table, name: str, fold_of: _Positions) -> dict[int, tuple[str, ...]]:
    """Give the distinct values of a list column in each fold, sorted."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for position, (value,) in grouped(table, name, fold_of):
        found[position].add(value)
    return {position: tuple(sorted(values)) for position, values in found.items()}


def _entities(table: pa.Table, fold_of: _Positions) -> dict[int, set[EntityKey]]:
    """Give the distinct entities of each fold."""
    found: defaultdict[int, set[EntityKey]] = defaultdict(set)
    for position, (kind, value) in grouped(table, "entities", fold_of, ("kind", "value")):
        found[position].add((kind, value))
    return found


def _slots(arranged: Arranged, fold_of: _Positions) -> dict[int, frozenset[int]]:
    """Give the slots of time in which signals of each fold came."""
    timed = [row for row, time in enumerate(arranged.times) if time is not None] if None in arranged.times else slice(None)
    slots = np.asarray(arranged.times, object)[timed].astype(np.int64) // SLOT
    least = slots.min(initial=0)
    width = slots.max(initial=0) - least + 1
    pairs = np.unique(fold_of[timed] * width + slots - least)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for position, slot in zip((pairs // width).tolist(), (pairs % width + least).tolist(), strict=True):
        found[position].append(slot)
    return {position: frozenset(kept) for position, kept in found.items()}


def _kept(entities: frozenset[EntityKey] | set[EntityKey]) -> frozenset[EntityKey]:
    """Keep no more entities than a fold holds, the same ones in whatever order they came."""
    if len(entities) <= MOST_ENTITIES:
        return frozenset(entities)
    return frozenset(sorted(entities, key=_chance)[:MOST_ENTITIES])


def _chance(key: EntityKey) -> bytes:
    return blake2b("\0".join(key).encode(), digest_size=8).digest()


def apart(one: Folded, other: Folded) -> float:
    """Give the µs between two folds; folds without times lie together only within one session."""
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return 0.0 if one.session == other.session else float("inf")
    return max(0, other.first - one.last, one.first - other.last)


def lasts(one: Folded) -> int:
    """Give the µs from the first signal to the last; 0 without times."""
    return 0 if one.first is None or one.last is None else one.last - one.first
