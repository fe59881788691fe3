"""Which folds of an incident's sessions belong to it. Owns the choice; the rest of a busy host's session stays outside."""

from watchkeeper.correlation.fold import apart, lasts
from watchkeeper.correlation.grow import Grown
from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.link import TELLING_WORTH
from watchkeeper.correlation.tie import COMMON_USERS, EVERYDAY_SHARE, UNUSUAL_SHARE, shared

STRONG_WORTH = 0.8
"""A fold worth so much belongs whenever it is in one of the sessions."""
NEAR_SECONDS = 1800
"""A telling fold belongs when it is so close in time to one that does, on the same host."""
ALONG_SECONDS = 900
"""What went along with a strong fold lies within this time of it."""
BURST_SECONDS = 120
"""The same, where no account of a person says that the two go together."""
TIED_SECONDS = 3600
"""A fold that shares a telling entity with a very unusual one belongs within this time, unless it is everyday."""
MOST_LOOKED_AT = 400
"""Of a session so many folds, the most telling, can belong: a flood of them cannot make the choice take long."""

_MICRO = 1_000_000


def belonging(grown: Grown, judged: Judged) -> tuple[int, ...]:
    """Give the positions of the folds that belong, most telling first.

    It starts from the most telling folds of each session, and takes in what lies near them and is not everyday there, until nothing more
    comes; then what went along: the same user at the same time, by rules that do not fire there at other times; last what one account of a
    person did within the same burst as anything that belongs.
    """
    best = {judged.members[session][0] for session in grown.sessions}
    held = [position for session in grown.sessions for position in judged.members[session][:MOST_LOOKED_AT]]
    strong = [position for position in held if position in best or judged.worths[position] >= STRONG_WORTH]
    waiting = [position for position in held if position not in set(strong)]
    kept, fresh = strong, strong
    while fresh:
        fresh = [position for position in waiting if any(_pulls(judged, position, by) for by in fresh)]
        waiting = [position for position in waiting if position not in set(fresh)]
        kept = kept + fresh
    hosts = {judged.spans[session].host for session in grown.sessions}
    kept += [position for position in waiting if any(_went_along(judged, position, by, hosts) for by in strong)]
    left = [position for position in waiting if position not in set(kept)]
    kept += [position for position in left if any(_in_one_burst(judged, position, by) for by in kept)]
    return tuple(sorted(kept, key=judged.by_worth))


def _pulls(judged: Judged, position: int, by: int) -> bool:
    """Say whether a fold belongs because another does."""
    one, other = judged.folds[position], judged.folds[by]
    if judged.rarity[position].share < EVERYDAY_SHARE:
        return False
    seconds = apart(one, other) / _MICRO
    if one.session == other.session and seconds <= NEAR_SECONDS and judged.worths[position] >= TELLING_WORTH:
        return True
    same_place = judged.spans[one.session].place == judged.spans[other.session].place
    return (
        seconds <= TIED_SECONDS
        and judged.rarity[by].share >= UNUSUAL_SHARE
        and bool(shared(judged.tied, position, by, same_place=same_place))
    )


def _went_along(judged: Judged, position: int, by: int, hosts: set[str]) -> bool:
    """Say whether a fold accompanies a strong one: named another host of the incident, or one user in one burst."""
    one, other = judged.folds[position], judged.folds[by]
    seconds = apart(one, other) / _MICRO
    if one.session != other.session or seconds > ALONG_SECONDS:
        return False
    if judged.tied.contacts[position] & hosts:
        return True
    burst = not judged.rarity[position].recurs and lasts(one) <= ALONG_SECONDS * _MICRO
    if one.user == other.user and one.user not in COMMON_USERS:
        return burst
    return burst and one.user in ("", other.user) and seconds <= BURST_SECONDS


def _in_one_burst(judged: Judged, position: int, by: int) -> bool:
    """Say whether one account of a person did both within a burst, and the first not at other times."""
    one, other = judged.folds[position], judged.folds[by]
    if one.session != other.session or one.user != other.user or one.user in COMMON_USERS or judged.rarity[position].recurs:
        return False
    return apart(one, other) <= BURST_SECONDS * _MICRO
