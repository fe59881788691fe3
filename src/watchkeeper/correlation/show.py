"""Which sessions a person sees without asking. Owns that choice and nothing of how they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.rarity import HIGH

QUIET_POWER = 1 / 3
"""On a host where hardly anything ever fires less is asked, and more on a busy one: the bar moves with this power of how busy it is."""
LOWEST_BAR, HIGHEST_BAR = 0.5, 1.5
"""So far at most."""
ECHO_SECONDS = 120
"""The same rules so near in time at several places are one thing, such as a restart of everything: the best of them stands for all."""
ECHO_WORTH = 0.1
"""Folds worth so much must be the same ones."""

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Shown:
    """Positions of sessions."""

    seen: frozenset[int]
    """What a person sees."""
    echoes: Mapping[int, int]
    """What would be seen, but for another that stands for it."""


def shown(judged: Judged, incidents: Sequence[Sequence[int]]) -> Shown:
    """Choose the sessions that are shown; incidents are given by the positions of their folds."""
    inside = {judged.folds[position].session for held in incidents for position in held}
    extents = [extent for held in incidents if (extent := _extent(judged, held)) is not None]
    outside = [at for at in range(len(judged.spans)) if at not in inside and _deserves(judged, at, extents)]
    seen, echoes = set(inside), dict[int, int]()
    standing: dict[str, list[tuple[int, dict[str, int]]]] = {}
    for at in sorted(outside, key=lambda at: (-judged.scored[at].score, at)):
        telling = _telling(judged, at)
        first = min(telling, default="")
        stands = next((other for other, its in standing.get(first, ()) if first and _echoes(telling, its)), None)
        if stands is not None:
            echoes[at] = stands
            continue
        seen.add(at)
        for rule in telling:
            standing.setdefault(rule, []).append((at, telling))
    return Shown(frozenset(seen), echoes)


def _extent(judged: Judged, held: Sequence[int]) -> tuple[int, int] | None:
    """Give when an incident runs, µs, or nothing if no signal of it has a time."""
    firsts = [first for position in held if (first := judged.folds[position].first) is not None]
    lasts = [last for position in held if (last := judged.folds[position].last) is not None]
    return (min(firsts), max(lasts)) if firsts and lasts else None


def _deserves(judged: Judged, session: int, extents: Sequence[tuple[int, int]]) -> bool:
    """Say whether a session outside incidents is shown."""
    if session in judged.steady:
        return True
    span, score = judged.spans[session], judged.scored[session].score
    tuning = judged.tuning
    enough = tuning.past_score * _bar(judged.busy[session]) if _has_past(judged, session) else tuning.record_score
    if score >= enough or span.start is None or span.end is None:
        return score >= enough
    margin = tuning.beside_seconds * _MICRO
    beside = any(span.start <= end + margin and span.end >= start - margin for start, end in extents)
    return beside and score >= tuning.beside_share * enough


def _bar(busy: float) -> float:
    """Say how much more than usual is asked of a session on a host so busy."""
    return min(HIGHEST_BAR, max(LOWEST_BAR, busy**QUIET_POWER))


def _has_past(judged: Judged, session: int) -> bool:
    return judged.rarity[judged.members[session][0]].past


def _telling(judged: Judged, session: int) -> dict[str, int]:
    """Give what a session is shown for: its telling rules, each with the time of its first signal; nothing stands for what is severe."""
    folds = [judged.folds[position] for position in judged.members[session] if judged.worths[position] >= ECHO_WORTH]
    if not _has_past(judged, session) or session in judged.steady or any(fold.level >= HIGH for fold in folds):
        return {}
    found: dict[str, int] = {}
    for fold in folds:
        if fold.first is not None:
            found[fold.rule] = min(fold.first, found.get(fold.rule, fold.first))
    return found


def _echoes(telling: Mapping[str, int], stands: Mapping[str, int]) -> bool:
    """Say whether everything telling of a session is in another at the same time."""
    near = ECHO_SECONDS * _MICRO
    return all(rule in stands and abs(stands[rule] - first) <= near for rule, first in telling.items())
