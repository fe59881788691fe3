"""Growing incidents from the sessions that deserve a look most. Owns the links and the union; which folds of a session belong stands in `belong`."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from watchkeeper.correlation.fold import EntityKey, Folded, apart
from watchkeeper.correlation.rarity import Rarity
from watchkeeper.correlation.score import Scored, worth
from watchkeeper.correlation.session import Span
from watchkeeper.correlation.tie import Ties, shared

SEED_SCORE = 2.2
"""A session that scores so much starts an incident."""
TELLING_WORTH = 0.3
"""Folds worth less tie nothing together."""
ENTITY_SECONDS = 4 * 3600
"""Folds that share an entity tie their sessions within this time of each other."""
PLACE_SECONDS = 3 * 3600
"""Sessions of one place follow each other within this time."""
RULE_SECONDS, RULE_SHARE = 1800, 0.8
"""The same very unusual rule ties places within this time."""
DAY_SHARE, DAY_SESSIONS = 0.2, 25
"""An incident holds at most this share of a day's sessions, on days with so many that it means something."""

_MICRO = 1_000_000
_DAY = 86_400 * _MICRO


@dataclass(frozen=True, slots=True)
class Link:
    """Why two sessions belong together."""

    strength: float
    one: int
    other: int
    by: EntityKey
    """The entity they share; kind `rule` or `place` where it is the rule or the place itself."""


@dataclass(frozen=True, slots=True)
class Grown:
    """Sessions that belong together, before their folds are picked."""

    sessions: tuple[int, ...]
    seeds: tuple[int, ...]
    links: tuple[Link, ...]


def grow(spans: Sequence[Span], folds: Sequence[Folded], rarity: Sequence[Rarity], scored: Sequence[Scored], tied: Ties) -> list[Grown]:
    """Join sessions by their strongest links first; a union that would swallow a day is refused, so a large one splits where it is thin."""
    seeds = {position for position, of in enumerate(scored) if of.score >= SEED_SCORE}
    links = sorted(_links(spans, folds, rarity, tied, seeds), key=lambda link: (-link.strength, link.one, link.other, link.by))
    forest = _Forest(spans, seeds)
    used = [link for link in links if {link.one, link.other} <= seeds and forest.join(link.one, link.other)]
    used += [link for link in links if not forest.seeded(link.one, link.other) and forest.join(link.one, link.other)]
    grouped: defaultdict[int, list[int]] = defaultdict(list)
    for session in range(len(spans)):
        grouped[forest.root(session)].append(session)
    found: list[Grown] = []
    for members in grouped.values():
        inside = set(members)
        if own := inside & seeds:
            found.append(Grown(tuple(members), tuple(sorted(own)), tuple(link for link in used if link.one in inside)))
    return found


class _Forest:
    """Union-find over sessions that knows how much of each day a set holds."""

    def __init__(self, spans: Sequence[Span], seeds: set[int]) -> None:
        self._parents = list(range(len(spans)))
        self._days = [{_day(span): 1} for span in spans]
        self._seeded = [position in seeds for position in range(len(spans))]
        self._totals: defaultdict[int, int] = defaultdict(int)
        for span in spans:
            self._totals[_day(span)] += 1

    def root(self, member: int) -> int:
        while self._parents[member] != member:
            self._parents[member] = self._parents[self._parents[member]]
            member = self._parents[member]
        return member

    def seeded(self, one: int, other: int) -> bool:
        """Say whether both stand in sets that hold a seed: a weak session joins one of them, it never bridges two."""
        return self._seeded[self.root(one)] and self._seeded[self.root(other)]

    def join(self, one: int, other: int) -> bool:
        """Join two sets unless they are one already or would hold too much of a day together."""
        first, second = sorted((self.root(one), self.root(other)))
        if first == second:
            return False
        days = {day: self._days[first].get(day, 0) + self._days[second].get(day, 0) for day in (*self._days[first], *self._days[second])}
        if any(self._totals[day] >= DAY_SESSIONS and held > DAY_SHARE * self._totals[day] for day, held in days.items()):
            return False
        self._parents[second] = first
        self._days[first] = days
        self._seeded[first] = self._seeded[first] or self._seeded[second]
        return True


def _day(span: Span) -> int:
    return span.start // _DAY if span.start is not None else -1


def _links(spans: Sequence[Span], folds: Sequence[Folded], rarity: Sequence[Rarity], tied: Ties, seeds: set[int]) -> Iterator[Link]:
    """Yield a link from each session to the nearest seeds before and after it with which it shares something in time."""
    places = len({span.place for span in spans})
    for key, members in _shared(spans, folds, rarity, tied).items():
        within, strength = _reach(key, places, tied.places.get(key, 1))
        for ordered in (members, members[::-1]):
            near: int | None = None
            for position in ordered:
                one, other = folds[position].session, folds[near].session if near is not None else folds[position].session
                if near is not None and one != other and apart(folds[near], folds[position]) <= within * _MICRO:
                    same = spans[one].place == spans[other].place
                    if key[0] in ("place", "rule") or key in shared(tied, near, position, same_place=same):
                        yield Link(strength, min(one, other), max(one, other), key)
                if one in seeds:
                    near = position


def _shared(spans: Sequence[Span], folds: Sequence[Folded], rarity: Sequence[Rarity], tied: Ties) -> dict[EntityKey, list[int]]:
    """Give the telling folds of everything that could be shared, in time order."""
    by: defaultdict[EntityKey, list[int]] = defaultdict(list)
    for position, fold in sorted(enumerate(folds), key=lambda pair: (pair[1].first is None, pair[1].first or 0, pair[1].id)):
        if worth(fold, rarity[position]) < TELLING_WORTH:
            continue
        for key in tied.of[position]:
            by[key].append(position)
        by["place", spans[fold.session].place].append(position)
        if rarity[position].share >= RULE_SHARE:
            by["rule", fold.rule].append(position)
    return by


def _reach(key: EntityKey, places: int, named_at: int) -> tuple[int, float]:
    """Say within how many seconds something shared ties, and how strongly."""
    match key[0]:
        case "place":
            return PLACE_SECONDS, 1.0
        case "rule":
            return RULE_SECONDS, 0.8
        case _:
            return ENTITY_SECONDS, 1.2 + log((places + 1) / named_at)
