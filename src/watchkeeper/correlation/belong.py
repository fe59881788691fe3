"""Which folds of an incident's sessions belong to it. Owns the choice; the rest of a busy host's session stays outside."""

from collections.abc import Sequence

from watchkeeper.correlation.fold import Folded, apart
from watchkeeper.correlation.grow import TELLING_WORTH, Grown
from watchkeeper.correlation.rarity import Rarity
from watchkeeper.correlation.score import worth
from watchkeeper.correlation.tie import EVERYDAY_SHARE, Ties, shared

NEAR_SECONDS = 900
"""A telling fold belongs when it is so close in time to one that does, on the same host."""
TIED_SECONDS = 3600
"""A fold that shares a telling entity belongs within this time, unless it is everyday."""

_MICRO = 1_000_000


def belonging(grown: Grown, folds: Sequence[Folded], rarity: Sequence[Rarity], tied: Ties) -> tuple[int, ...]:
    """Give the positions of the folds that belong, most telling first.

    It starts from the most telling fold of each session and from the folds by which the sessions were joined, and takes in what is near
    them in time on the same host or shares an entity with them, until nothing more comes.
    """
    inside = set(grown.sessions)
    open_ = [position for position, fold in enumerate(folds) if fold.session in inside]
    open_.sort(key=lambda position: (-worth(folds[position], rarity[position]), folds[position].first or 0, folds[position].id))
    begun: set[int] = set()
    kept: list[int] = []
    for position in open_:
        if folds[position].session not in begun:
            begun.add(folds[position].session)
            kept.append(position)
    waiting = [position for position in open_ if position not in set(kept)]
    grew = True
    while grew:
        taken = [position for position in waiting if any(_pulls(folds, rarity, tied, position, by) for by in kept)]
        waiting = [position for position in waiting if position not in set(taken)]
        kept += taken
        grew = bool(taken)
    return tuple(sorted(kept, key=open_.index))


def _pulls(folds: Sequence[Folded], rarity: Sequence[Rarity], tied: Ties, position: int, by: int) -> bool:
    """Say whether a fold belongs because another one does."""
    one, other = folds[position], folds[by]
    gap = apart(one, other)
    if rarity[position].share < EVERYDAY_SHARE:
        return False
    if gap <= TIED_SECONDS * _MICRO and shared(tied, position, by, same_place=one.session == other.session):
        return True
    return one.session == other.session and worth(one, rarity[position]) >= TELLING_WORTH and gap <= NEAR_SECONDS * _MICRO
