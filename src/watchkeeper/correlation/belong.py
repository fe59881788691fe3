"""Which folds of an incident's sessions belong to it. Owns the choice; the rest of a busy host's session stays outside."""

from collections.abc import Iterable

from watchkeeper.correlation.fold import apart
from watchkeeper.correlation.grow import Grown
from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.link import TELLING_WORTH
from watchkeeper.correlation.tie import EVERYDAY_SHARE, shared

NEAR_SECONDS = 900
"""A telling fold belongs when it is so close in time to one that does, on the same host."""
TIED_SECONDS = 3600
"""A fold that shares a telling entity belongs within this time, unless it is everyday."""

_MICRO = 1_000_000


def belonging(grown: Grown, judged: Judged) -> tuple[int, ...]:
    """Give the positions of the folds that belong, most telling first.

    It starts from the most telling fold of each session, and takes in what is near one that belongs on the same host or shares an entity
    with it, until nothing more comes.
    """
    kept = [judged.members[session][0] for session in grown.sessions]
    waiting = [position for session in grown.sessions for position in judged.members[session][1:]]
    waiting = [position for position in waiting if judged.rarity[position].share >= EVERYDAY_SHARE]
    fresh = kept
    while fresh:
        fresh = [position for position in waiting if _pulled(judged, position, fresh)]
        waiting = [position for position in waiting if position not in set(fresh)]
        kept = kept + fresh
    return tuple(sorted(kept, key=judged.by_worth))


def _pulled(judged: Judged, position: int, by: Iterable[int]) -> bool:
    """Say whether a fold belongs because one of these does."""
    return any(_pulls(judged, position, other) for other in by)


def _pulls(judged: Judged, position: int, by: int) -> bool:
    """Say whether a fold belongs because another does."""
    one, other = judged.folds[position], judged.folds[by]
    seconds = apart(one, other) / _MICRO
    same_session = one.session == other.session
    if same_session and seconds <= NEAR_SECONDS and judged.worths[position] >= TELLING_WORTH:
        return True
    same_place = judged.spans[one.session].place == judged.spans[other.session].place
    return seconds <= TIED_SECONDS and bool(shared(judged.tied, position, by, same_place=same_place))
