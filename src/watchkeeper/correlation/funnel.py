"""The funnel from signals to ranked incidents, a whole record at once. Owns ranks and the placed table; stages stand in `stream`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.baseline import Baseline
from watchkeeper.correlation.judged import Knowledge
from watchkeeper.correlation.score import Scored, assets_of, together
from watchkeeper.correlation.stream import Correlator, Taken
from watchkeeper.correlation.tell import tell_incident
from watchkeeper.correlation.underway import Underway
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.signal import FOLDED_SCHEMA, FOLLOWING, PLACED_SCHEMA


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


def correlate(signals: pa.Table, learnt: Baseline, known: Knowledge) -> Correlated:
    """Fold signals, weigh them by what is normal, and group them to ranked incidents.

    Args:
        signals: rows as in `SIGNAL_SCHEMA`, in any order.
        learnt: what earlier runs saw; hours at or after a session never count against it.
        known: what is known besides the signals.
    """
    known = replace(known, followed=known.followed | followed_rules(signals))
    stream = Correlator(known, learnt)
    return joined([stream.take(signals), stream.finish()], stream.baseline, known)


def followed_rules(signals: pa.Table) -> frozenset[str]:
    """Give the rules of signals that say that something of an attacker's was seen again."""
    watched = signals.filter(pc.equal(signals.column("detector"), pa.scalar(FOLLOWING)))
    return frozenset(cast("list[str]", watched.column("rule").unique().to_pylist()))


def joined(parts: Sequence[Taken], baseline: Baseline, known: Knowledge) -> Correlated:
    """Bring together everything a correlator gave, its last words included."""
    incidents = ranked((one for part in parts for one in part.settled.incidents), known)
    owner = {session: incident.id for incident in incidents for session in incident.sessions}
    sessions = tuple(session.model_copy(update={"incident": owner.get(session.id)}) for part in parts for session in part.settled.sessions)
    table = _in_order(pa.concat_tables([part.signals for part in parts]))
    return Correlated(
        signals=placed(table, incidents, sessions),
        folds=tuple(fold for part in parts for fold in part.settled.folds),
        sessions=sessions,
        incidents=incidents,
        baseline=baseline,
    )


def _in_order(table: pa.Table) -> pa.Table:
    """Sort by time where something came late or without a time."""
    times = cast("Any", table.column("time").cast(pa.int64()).combine_chunks())
    if not times.null_count and cast("Any", pc).all(cast("Any", pc).greater_equal(times[1:], times[:-1])).as_py() is not False:
        return table
    return table.take(cast("Any", pc).sort_indices(table, sort_keys=[("time", "ascending"), ("id", "ascending")]))


def ranked(underway: Iterable[Underway], known: Knowledge) -> tuple[Incident, ...]:
    """Rank incidents by score; of one given several times the last counts, and one that another took in is left out."""
    latest = {one.id: one for one in underway}
    taken = {id_ for one in latest.values() for id_ in one.took}
    scores = {id_: _scored(one, known) for id_, one in latest.items() if id_ not in taken}
    order = sorted(scores, key=lambda id_: (-scores[id_].score, id_))
    return tuple(tell_incident(latest[id_], rank, scores[id_], known.trusts) for rank, id_ in enumerate(order, start=1))


def _scored(one: Underway, known: Knowledge) -> Scored:
    """Score an incident by everything that belongs to it."""
    pieces = sorted(one.pieces, key=lambda piece: piece.order)
    inside = [piece.folded for piece in pieces]
    return together(inside, [piece.worth for piece in pieces], assets_of(inside, known.asset_of))


def placed(signals: pa.Table, incidents: Iterable[Incident], sessions: Iterable[Session]) -> pa.Table:
    """Give folded signals with the incident, its rank and whether a person sees them, as these are now (`PLACED_SCHEMA`)."""
    table = signals.select(FOLDED_SCHEMA.names)
    shown = {session.id: session.shown for session in sessions}
    place = {fold.id: (incident.id, incident.rank) for incident in incidents for fold in incident.folds}
    return pa.table(
        [
            *table.columns,
            _looked_up(table.column("fold"), {fold: incident for fold, (incident, _) in place.items()}, pa.string()),
            _looked_up(table.column("fold"), {fold: rank for fold, (_, rank) in place.items()}, pa.int32()),
            _looked_up(table.column("session"), shown, pa.bool_()),
        ],
        schema=PLACED_SCHEMA,
    )


def _looked_up(column: Any, values: Mapping[str, object], kind: pa.DataType) -> Any:
    """Give the value of each key, null where it has none."""
    encoded = column.combine_chunks().dictionary_encode()
    return pa.array([values.get(key) for key in encoded.dictionary.to_pylist()], kind).take(encoded.indices)
