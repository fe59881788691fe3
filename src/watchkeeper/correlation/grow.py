"""Growing incidents from the sessions that deserve a look most. Owns the union and its bounds; which folds belong stands in `belong`."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.link import Link, links
from watchkeeper.correlation.session import Span
from watchkeeper.model.level import LEVELS

DAY_SHARE, DAY_SESSIONS = 0.2, 25
"""An incident holds at most this share of a day's sessions, on days with so many that it means something."""

FEW_SESSIONS = 10
"""A record of so few sessions, such as one captured file, has no usual to compare with: severity alone decides in it."""
_SEVERE, _NOT_MILD = LEVELS.index("high"), LEVELS.index("medium")
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Grown:
    """Sessions that belong together, before their folds are picked."""

    sessions: tuple[int, ...]
    seeds: tuple[int, ...]
    links: tuple[Link, ...]


def grow(judged: Judged) -> list[Grown]:
    """Join seeds, then add weak sessions, each by the strongest link first.

    A union that would swallow a day is refused, so a large incident splits where its evidence is thin; a weak session joins one incident
    and never bridges two, unless it saw the same act as another.
    """
    seeds = _seeds(judged)
    found = links(judged, seeds)
    forest = _Forest(judged.spans, seeds)
    strong = seeds.union(*({link.one, link.other} for link in found if link.is_one_act))
    used = [link for link in found if {link.one, link.other} <= strong and forest.join(link.one, link.other)]
    used += [link for link in found if not forest.both_seeded(link.one, link.other) and forest.join(link.one, link.other)]
    grouped: defaultdict[int, list[int]] = defaultdict(list)
    for session in range(len(judged.spans)):
        grouped[forest.root(session)].append(session)
    return [
        Grown(tuple(members), tuple(sorted(own)), tuple(link for link in used if link.one in members))
        for members in grouped.values()
        if (own := seeds.intersection(members))
    ]


def _seeds(judged: Judged) -> frozenset[int]:
    """Give the sessions that start incidents; in a record of few sessions, where nothing is usual yet, severity starts them too.

    Where nothing in so small a record is severe, the most telling session of medium severity starts the only one.
    """
    everyone = range(len(judged.spans))
    seeds = frozenset(session for session in everyone if _starts(judged, session))
    if judged.begun > FEW_SESSIONS:
        return seeds
    severe = seeds | _holding(judged, _SEVERE)
    return severe or frozenset(sorted(_holding(judged, _NOT_MILD), key=lambda at: (-judged.scored[at].score, at))[:1])


def _holding(judged: Judged, level: int) -> frozenset[int]:
    """Give the sessions that hold a fold so severe."""
    return frozenset(at for at, members in enumerate(judged.members) if any(judged.folds[position].level >= level for position in members))


def _starts(judged: Judged, session: int) -> bool:
    """Say whether a session starts an incident."""
    if _is_sought(judged, session):
        return True
    telling = (position for position in judged.members[session] if judged.worths[position] >= judged.tuning.seed_worth)
    unusual = any(judged.rarity[position].share >= judged.tuning.seed_share for position in telling)
    return unusual and judged.scored[session].score >= judged.tuning.seed_score


def _is_sought(judged: Judged, session: int) -> bool:
    """Say whether something of an earlier incident is in a session: one thing that proves it, or two that prove less."""
    inside = [judged.folds[position] for position in judged.members[session] if judged.folds[position].rule in judged.followed]
    return any(fold.level >= _SEVERE for fold in inside) or len({fold.rule for fold in inside if fold.level >= _NOT_MILD}) > 1


class _Forest:
    """Union-find over sessions that knows how much of each day a set holds."""

    def __init__(self, spans: Sequence[Span], seeds: frozenset[int]) -> None:
        self._parents = list(range(len(spans)))
        self._days = [Counter([_day(span)]) for span in spans]
        self._seeded = [position in seeds for position in range(len(spans))]
        totals = Counter(_day(span) for span in spans)
        self._limits = {day: DAY_SHARE * total for day, total in totals.items() if total >= DAY_SESSIONS}

    def root(self, member: int) -> int:
        while self._parents[member] != member:
            self._parents[member] = self._parents[self._parents[member]]
            member = self._parents[member]
        return member

    def both_seeded(self, one: int, other: int) -> bool:
        """Say whether both stand in sets that hold a seed."""
        return self._seeded[self.root(one)] and self._seeded[self.root(other)]

    def join(self, one: int, other: int) -> bool:
        """Join two sets unless they are one already or would hold too much of a day together."""
        first, second = sorted((self.root(one), self.root(other)))
        if first == second:
            return False
        days = self._days[first] + self._days[second]
        if any(held > self._limits.get(day, held) for day, held in days.items()):
            return False
        self._parents[second] = first
        self._days[first] = days
        self._seeded[first] = self._seeded[first] or self._seeded[second]
        return True


def _day(span: Span) -> int:
    """Give the UTC day a session starts on; those without a time make a day of their own."""
    return span.start // _DAY if span.start is not None else -1
