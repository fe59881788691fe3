"""Which sessions a person sees without asking. Owns that choice and nothing of how they are shown."""

from collections.abc import Sequence

from watchkeeper.correlation.judged import Judged

_MICRO = 1_000_000


def shown(judged: Judged, incidents: Sequence[Sequence[int]]) -> frozenset[int]:
    """Give the positions of the sessions that are shown; incidents are given by the positions of their folds."""
    inside = {judged.folds[position].session for held in incidents for position in held}
    extents = [extent for held in incidents if (extent := _extent(judged, held)) is not None]
    return frozenset(inside.union(at for at in range(len(judged.spans)) if _deserves(judged, at, extents)))


def _extent(judged: Judged, held: Sequence[int]) -> tuple[int, int] | None:
    """Give when an incident runs, µs, or nothing if no signal of it has a time."""
    firsts = [first for position in held if (first := judged.folds[position].first) is not None]
    lasts = [last for position in held if (last := judged.folds[position].last) is not None]
    return (min(firsts), max(lasts)) if firsts and lasts else None


def _deserves(judged: Judged, session: int, extents: Sequence[tuple[int, int]]) -> bool:
    """Say whether a session outside incidents is shown."""
    span, score = judged.spans[session], judged.scored[session].score
    tuning = judged.tuning
    enough = tuning.past_score if judged.rarity[judged.members[session][0]].past else tuning.record_score
    if score >= enough or span.start is None or span.end is None:
        return score >= enough
    margin = tuning.beside_seconds * _MICRO
    beside = any(span.start <= end + margin and span.end >= start - margin for start, end in extents)
    return beside and score >= tuning.beside_share * enough
