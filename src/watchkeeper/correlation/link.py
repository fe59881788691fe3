"""What ties sessions to the seeds near them. Owns the links and their strength; joining by them stands in `grow`."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from watchkeeper.correlation.fold import EntityKey, Folded, apart
from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.rarity import HIGH
from watchkeeper.correlation.tie import shared

TELLING_WORTH = 0.3
"""Folds worth less tie nothing together."""
ENTITY_SECONDS = 4 * 3600
"""Folds that share an entity tie their sessions within this time of each other, if one of them is very unusual."""
SEED_PLACE_SECONDS, PLACE_SECONDS, PLACE_SCORE = 3 * 3600, 1800, 1.0
"""Sessions of one place go on from each other within this time: two seeds, or a seed and a session that scores at least so much."""
RULE_SECONDS, RULE_SHARE = 1800, 0.8
"""The same very unusual rule ties places within this time."""
ACCOUNT_SECONDS, ACCOUNT_SHARE = 3600, 0.5
"""Unusual signals of one busy account tie places within this time, if one of them is very unusual."""
LASTING_SECONDS, LASTING_KINDS = 24 * 3600, frozenset({"url", "domain", "hash", "mailbox"})
"""What an attacker brings along ties sessions for longer, if it is very unusual in both."""
SAME_SECONDS, SAME_SHARE, SAME_STRENGTH = 120, 0.5, 2.0
"""The same severe and unusual rule so near in time at two places, or the same technique where a host is named and where none is,
is one act seen from two sides; only this joins what nothing else would."""
CONTACT_SECONDS, CONTACT_STRENGTH = 2 * 3600, 1.5
"""Two seeds are tied when signals on one name the other's host, within this time of a signal there."""

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Link:
    """Why two sessions belong together."""

    strength: float
    one: int
    other: int
    by: EntityKey
    """The entity they share; kind `rule` or `place` where it is the rule or the place itself, `same` or `act` where it is one act."""

    @property
    def is_one_act(self) -> bool:
        """Whether both saw the same act."""
        return self.by[0] in ("same", "act")


def links(judged: Judged, seeds: frozenset[int]) -> list[Link]:
    """Give every link between a seed and a session next to it in time, strongest first."""
    places = len({span.place for span in judged.spans})
    found = set(_contacts(judged, seeds))
    for key, members in _sharing(judged).items():
        strength = _strength(key, places, judged.tied.places.get(key, 1))
        for pair in (*_neighbours(judged, members, seeds), *_neighbours(judged, members[::-1], seeds)):
            one, other = sorted(judged.folds[position].session for position in pair)
            if one != other and _ties(judged, key, pair, seeds):
                found.add(Link(strength, one, other, key))
    return sorted(found, key=lambda link: (-link.strength, link.one, link.other, link.by))


def _sharing(judged: Judged) -> dict[EntityKey, list[int]]:
    """Give the folds of everything that could be shared, in time order."""
    by: defaultdict[EntityKey, list[int]] = defaultdict(list)
    timed = [(fold.first, fold.id, position) for position, fold in enumerate(judged.folds) if fold.first is not None]
    for _, _, position in sorted(timed):
        for key in _offers(judged, position):
            by[key].append(position)
    return by


def _offers(judged: Judged, position: int) -> Iterator[EntityKey]:
    """Yield everything by which a fold could tie its session to others."""
    fold = judged.folds[position]
    if judged.worths[position] < TELLING_WORTH:
        return
    yield from judged.tied.of[position]
    yield "place", judged.spans[fold.session].place
    if judged.rarity[position].share >= RULE_SHARE:
        yield "rule", fold.rule
    if judged.rarity[position].share >= SAME_SHARE:
        yield from (("act", technique) for technique in fold.techniques if "." in technique)
        if fold.level >= HIGH:
            yield "same", fold.rule
    if judged.rarity[position].share >= ACCOUNT_SHARE:
        yield from (("account", value) for _, value in judged.tied.accounts[position])


def _contacts(judged: Judged, seeds: frozenset[int]) -> Iterator[Link]:
    """Yield a link between two seeds when signals at one host, near the seed there, name the other's host."""
    at: defaultdict[str, list[int]] = defaultdict(list)
    for seed in sorted(seeds):
        at[judged.spans[seed].host].append(seed)
    for fold, hosts in zip(judged.folds, judged.tied.contacts, strict=True):
        for host in hosts:
            here, there = (_nearest(judged, fold, at.get(name, ())) for name in (judged.spans[fold.session].host, host))
            if here is not None and there is not None:
                yield Link(CONTACT_STRENGTH, min(here, there), max(here, there), ("contact", host))


def _nearest(judged: Judged, fold: Folded, seeds: Sequence[int]) -> int | None:
    """Give the seed with a telling fold nearest to this one, if it is near enough."""
    gaps = [
        (apart(fold, judged.folds[position]), seed)
        for seed in seeds
        for position in judged.members[seed]
        if judged.worths[position] >= TELLING_WORTH
    ]
    gap, seed = min(gaps, default=(float("inf"), -1))
    return seed if gap <= CONTACT_SECONDS * _MICRO else None


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
        case "place" if {one.session, other.session} <= seeds:
            return seconds <= SEED_PLACE_SECONDS
        case "place":
            return seconds <= PLACE_SECONDS and judged.scored[other.session].score >= PLACE_SCORE
        case "rule":
            return seconds <= RULE_SECONDS
        case "same" | "act":
            return seconds <= SAME_SECONDS and _two_sides(judged, key[0], one, other)
        case "account":
            return seconds <= ACCOUNT_SECONDS and max(judged.rarity[position].share for position in pair) >= RULE_SHARE
        case _:
            return _by_entity(judged, key, pair, seeds)


def _two_sides(judged: Judged, kind: str, one: Folded, other: Folded) -> bool:
    """Say whether two folds can be one act seen twice: at two places, or of one technique where only one of them names a host."""
    first, second = judged.spans[one.session], judged.spans[other.session]
    return first.place != second.place if kind == "same" else bool(first.host) != bool(second.host)


def _by_entity(judged: Judged, key: EntityKey, pair: tuple[int, int], seeds: frozenset[int]) -> bool:
    """Say whether an entity ties two folds."""
    one, other = (judged.folds[position] for position in pair)
    shares = [judged.rarity[position].share for position in pair]
    if key[0] == "host" and other.session not in seeds and other.host == key[1] and shares[0] < RULE_SHARE:
        return False
    lasting = key[0] in LASTING_KINDS and min(shares) >= RULE_SHARE
    near = apart(one, other) / _MICRO <= (LASTING_SECONDS if lasting else ENTITY_SECONDS)
    same_place = judged.spans[one.session].place == judged.spans[other.session].place
    return near and max(shares) >= RULE_SHARE and key in shared(judged.tied, *pair, same_place=same_place)


def _strength(key: EntityKey, places: int, named_at: int) -> float:
    """Say how strongly something shared ties: an entity more the fewer places name it."""
    match key[0]:
        case "place":
            return 1.0
        case "rule" | "account":
            return 0.8
        case "same" | "act":
            return SAME_STRENGTH
        case _:
            return 1.2 + log((places + 1) / named_at)
