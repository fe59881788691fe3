"""The funnel from signals to ranked incidents. Owns the order of its stages and the placed table; each stage stands in its own module."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from watchkeeper.baseline import Baseline
from watchkeeper.correlation.belong import belonging
from watchkeeper.correlation.columns import arrange
from watchkeeper.correlation.fold import EntityKey, Folded, fold
from watchkeeper.correlation.grow import grow
from watchkeeper.correlation.rarity import Rarity, rarities, sightings
from watchkeeper.correlation.score import Scored, assets_of, score_sessions, together, worth
from watchkeeper.correlation.session import Span, cut
from watchkeeper.correlation.tell import Chosen, incident_id, tell_fold, tell_incident, tell_session
from watchkeeper.correlation.tie import Ties, ties
from watchkeeper.model.asset import Asset
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.signal import PLACED_SCHEMA

SHOWN_SCORE = 2.2
"""A session outside incidents is shown when it scores so much."""


@dataclass(frozen=True, slots=True)
class Correlated:
    """What became of the signals."""

    signals: pa.Table
    """Every signal once, in time order, as in `PLACED_SCHEMA`."""
    folds: tuple[Fold, ...]
    """By their first signal."""
    sessions: tuple[Session, ...]
    """By their first signal."""
    incidents: tuple[Incident, ...]
    """By rank, without results of later steps."""
    baseline: Baseline
    """What is normal, with these signals learnt."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """Folds and sessions with what was worked out about each, by position."""

    spans: list[Span]
    folds: list[Folded]
    rarity: list[Rarity]
    scored: list[Scored]
    tied: Ties


def correlate(signals: pa.Table, learnt: Baseline, asset_of: Callable[[str], Asset]) -> Correlated:
    """Fold signals, weigh them by what is normal, and group them to ranked incidents.

    Args:
        signals: rows as in `SIGNAL_SCHEMA`, in any order.
        learnt: what earlier runs saw; hours at or after a session never count against it.
        asset_of: what is known of a host, by its name.
    """
    arranged = arrange(signals)
    spans, session_of = cut(arranged)
    folds, fold_of = fold(arranged, spans, session_of)
    rarity = rarities(folds, spans, arranged, learnt)
    judged = _Judged(spans, folds, rarity, score_sessions(spans, folds, rarity, asset_of), ties(folds, rarity, spans))
    chosen = _choose(judged, asset_of)
    told = [tell_fold(of, spans[of.session], rare) for of, rare in zip(folds, rarity, strict=True)]
    incidents = tuple(tell_incident(one, rank, spans, folds, told) for rank, one in enumerate(chosen, start=1))
    in_incident = {position: rank for rank, one in enumerate(chosen, start=1) for position in one.folds}
    sessions = _sessions(judged, chosen)
    return Correlated(
        signals=_placed(arranged.table, fold_of, told, sessions, [_place(incidents, in_incident.get(at)) for at in range(len(told))]),
        folds=tuple(told),
        sessions=sessions,
        incidents=incidents,
        baseline=learnt.learn(sightings(arranged)),
    )


def _choose(judged: _Judged, asset_of: Callable[[str], Asset]) -> list[Chosen]:
    """Give the incidents, most deserving first."""
    found: list[Chosen] = []
    for grown in grow(judged.spans, judged.folds, judged.rarity, judged.scored, judged.tied):
        held = belonging(grown, judged.folds, judged.rarity, judged.tied)
        inside = [judged.folds[position] for position in held]
        scored = together(inside, [worth(judged.folds[at], judged.rarity[at]) for at in held], assets_of(inside, asset_of))
        found.append(Chosen(grown, held, scored, _shared(judged, held)))
    return sorted(found, key=lambda one: (-one.scored.score, incident_id(one, judged.spans)))


def _shared(judged: _Judged, held: Sequence[int]) -> tuple[tuple[EntityKey, int], ...]:
    """Give the telling entities that several of an incident's sessions name, most shared first."""
    pairs = {(key, judged.folds[position].session) for position in held for key in judged.tied.of[position]}
    counts = Counter(key for key, _ in pairs)
    return tuple(sorted(((key, count) for key, count in counts.items() if count > 1), key=lambda pair: (-pair[1], pair[0])))


def _sessions(judged: _Judged, chosen: Sequence[Chosen]) -> tuple[Session, ...]:
    """Make the sessions."""
    inside: list[list[int]] = [[] for _ in judged.spans]
    for position, folded in enumerate(judged.folds):
        inside[folded.session].append(position)
    incident = {judged.folds[at].session: incident_id(one, judged.spans) for one in chosen for at in one.folds}
    told: list[Session] = []
    for at, (span, scored, positions) in enumerate(zip(judged.spans, judged.scored, inside, strict=True)):
        positions.sort(key=lambda position: (-worth(judged.folds[position], judged.rarity[position]), position))
        ids = [judged.folds[position].id for position in positions]
        told.append(tell_session(span, ids, scored, incident.get(at), shown=at in incident or scored.score >= SHOWN_SCORE))
    return tuple(told)


def _place(incidents: Sequence[Incident], rank: int | None) -> tuple[str | None, int | None]:
    """Give an incident's id and rank."""
    return (None, None) if rank is None else (incidents[rank - 1].id, rank)


def _placed(
    table: pa.Table,
    fold_of: Sequence[int],
    folds: Sequence[Fold],
    sessions: Sequence[Session],
    places: Sequence[tuple[str | None, int | None]],
) -> pa.Table:
    """Add each signal's fold, session, incident, rank and whether it is shown."""
    shown = {session.id: session.shown for session in sessions}
    rows = pa.array(fold_of, pa.int64())
    columns = (
        pa.array([fold.id for fold in folds], pa.string()),
        pa.array([fold.session for fold in folds], pa.string()),
        pa.array([incident for incident, _ in places], pa.string()),
        pa.array([rank for _, rank in places], pa.int32()),
        pa.array([shown[fold.session] for fold in folds], pa.bool_()),
    )
    return pa.table([*table.columns, *(column.take(rows) for column in columns)], schema=PLACED_SCHEMA)
