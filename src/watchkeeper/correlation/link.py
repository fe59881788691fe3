"""What ties sessions to the seeds near them. Owns the links and their strength; joining by them stands in `grow`."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from watchkeeper.correlation.fold import EntityKey, apart
from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.tie import shared

TELLING_WORTH = 0.3
"""Folds worth less tie nothing together."""
ENTITY_SECONDS = 4 * 3600
"""Folds that share an entity tie their sessions within this time of each other."""
SEED_PLACE_SECONDS, PLACE_SECONDS, PLACE_SCORE = 3 * 3600, 1800, 1.0
"""Sessions of one place go on from each other within this time: two seeds, or a seed and a session that scores at least so much."""
RULE_SECONDS, RULE_SHARE = 1800, 0.8
"""The same very unusual rule ties places within this time."""

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Link:
    """Why two sessions belong together."""

    strength: float
    one: int
    other: int
    by: EntityKey
    """The entity they share; kind `rule` or `place` where it is the rule or the place itself, `time` where it is nearness alone."""


def links(judged: Judged, seeds: frozenset[int]) -> list[Link]:
    """Give every link between a seed and a session next to it in time, strongest first."""
    places = len({span.place for span in judged.spans})
    found: set[Link] = set()
    for key, members in _sharing(judged).items():
        strength = _strength(key, places, judged.tied.places.get(key, 1))
        for pair in (*_neighbours(judged, members, seeds), *_neighbours(judged, members[::-1], seeds)):
            one, other = sorted(judged.folds[position].session for position in pair)
            if one != other and _ties(judged, key, pair, seeds):
                found.add(Link(strength, one, other, key))
    return sorted(found, key=lambda link: (-link.strength, link.one, link.other, link.by))


def _sharing(judged: Judged) -> dict[EntityKey, list[int]]:
    """Give the telling folds of everything that could be shared, in time order."""
    by: defaultdict[EntityKey, list[int]] = defaultdict(list)
    timed = [(fold.first, fold.id, position) for position, fold in enumerate(judged.folds) if fold.first is not None]
    for _, _, position in sorted(timed):
        if judged.worths[position] < TELLING_WORTH:
            continue
        for key in judged.tied.of[position]:
            by[key].append(position)
        fold = judged.folds[position]
        by["place", judged.spans[fold.session].place].append(position)
        if judged.rarity[position].share >= RULE_SHARE:
            by["rule", fold.rule].append(position)
    return by


def _neighbours(judged: Judged, members: Sequence[int], seeds: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Yield each fold with the last one of a seed that came before it in this order."""
    seed: int | None = None
    for position in members:
        if seed is not None:
            yield seed, position
        if judged.folds[position].session in seeds:
            seed = position


def _ties(judged: Judged, key: EntityKey, pair: tuple[int, int], seeds: frozenset[int]) -> bool:
    """Say whether two folds are near enough for what they share, and whether it is telling between them."""
    one, other = (judged.folds[position] for position in pair)
    seconds = apart(one, other) / _MICRO
    match key[0]:
        case "place":
            if {one.session, other.session} <= seeds:
                return seconds <= SEED_PLACE_SECONDS
            return seconds <= PLACE_SECONDS and judged.scored[other.session].score >= PLACE_SCORE
        case "rule":
            return seconds <= RULE_SECONDS
        case _:
            same_place = judged.spans[one.session].place == judged.spans[other.session].place
            return seconds <= ENTITY_SECONDS and key in shared(judged.tied, *pair, same_place=same_place)


def _strength(key: EntityKey, places: int, named_at: int) -> float:
    """Say how strongly something shared ties: an entity more the fewer places name it."""
    match key[0]:
        case "place":
            return 1.0
        case "rule":
            return 0.8
        case _:
            return 1.2 + log((places + 1) / named_at)
