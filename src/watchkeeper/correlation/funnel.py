"""The funnel from signals to ranked incidents. Owns the order of its stages and the placed table; each stage stands in its own module."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import pyarrow as pa

from watchkeeper.baseline import Baseline
from watchkeeper.correlation.belong import belonging
from watchkeeper.correlation.columns import arrange
from watchkeeper.correlation.fold import EntityKey, Folded, fold
from watchkeeper.correlation.grow import grow
from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.locate import located
from watchkeeper.correlation.rarity import Rarity, rarities, sightings
from watchkeeper.correlation.score import Scored, assets_of, together, worth
from watchkeeper.correlation.session import Span, cut
from watchkeeper.correlation.show import shown
from watchkeeper.correlation.tell import Chosen, incident_id, tell_fold, tell_incident, tell_session
from watchkeeper.correlation.tie import HostOf, ties
from watchkeeper.correlation.trust import Trust
from watchkeeper.correlation.tuning import SHIPPED, Tuning
from watchkeeper.model.asset import Asset
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.signal import PLACED_SCHEMA

_NOTHING_SAID: Mapping[str, Trust] = MappingProxyType({})


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


def correlate(
    signals: pa.Table,
    learnt: Baseline,
    asset_of: Callable[[str], Asset],
    host_of: HostOf | None = None,
    tuning: Tuning = SHIPPED,
    trusts: Mapping[str, Trust] = _NOTHING_SAID,
) -> Correlated:
    """Fold signals, weigh them by what is normal, and group them to ranked incidents.

    Args:
        signals: rows as in `SIGNAL_SCHEMA`, in any order.
        learnt: what earlier runs saw; hours at or after a session never count against it.
        asset_of: what is known of a host, by its name.
        host_of: which host held an address at a time; without it, the addresses of assets hold at any time.
        tuning: from which scores an incident starts and a session is shown.
        trusts: how much folds of a rule count by what people said of it; those not named count as they are.
    """
    arranged = arrange(located(signals, host_of) if host_of else signals)
    spans, session_of = cut(arranged)
    folds, fold_of = fold(arranged, spans, session_of)
    rarity = rarities(folds, spans, arranged, learnt)
    weighed = _Weighed(folds, rarity, [worth(of, rare, trusts.get(of.rule)) for of, rare in zip(folds, rarity, strict=True)])
    judged = _judge(spans, weighed, asset_of, host_of, tuning)
    chosen = _choose(judged, asset_of)
    told = [tell_fold(of, spans[of.session], rare, trusts.get(of.rule)) for of, rare in zip(folds, judged.rarity, strict=True)]
    incidents = tuple(tell_incident(one, rank, judged, told) for rank, one in enumerate(chosen, start=1))
    sessions = _sessions(judged, chosen)
    places: list[tuple[str | None, int | None]] = [(None, None)] * len(folds)
    for incident, one in zip(incidents, chosen, strict=True):
        for position in one.folds:
            places[position] = incident.id, incident.rank
    return Correlated(
        signals=_placed(arranged.table, fold_of, told, sessions, places),
        folds=tuple(told),
        sessions=sessions,
        incidents=incidents,
        baseline=learnt.learn(sightings(arranged)),
    )


class _Weighed(NamedTuple):
    folds: Sequence[Folded]
    rarity: Sequence[Rarity]
    worths: Sequence[float]


def _judge(spans: Sequence[Span], weighed: _Weighed, asset_of: Callable[[str], Asset], host_of: HostOf | None, tuning: Tuning) -> Judged:
    """Weigh every session by its folds."""
    folds, rarity, worths = weighed
    members: list[list[int]] = [[] for _ in spans]
    for position in sorted(range(len(folds)), key=lambda at: (-worths[at], at)):
        members[folds[position].session].append(position)
    scored = [_together(folds, worths, held, asset_of) for held in members]
    known = {address: asset.name for asset in assets_of(folds, asset_of) for address in asset.addresses}
    tied = ties(folds, rarity, spans, host_of or (lambda address, _: known.get(address)))
    return Judged(spans, scored, folds, rarity, worths, members, tied, tuning)


def _together(folds: Sequence[Folded], worths: Sequence[float], held: Sequence[int], asset_of: Callable[[str], Asset]) -> Scored:
    """Score some of the folds."""
    inside = [folds[position] for position in held]
    return together(inside, [worths[position] for position in held], assets_of(inside, asset_of))


def _choose(judged: Judged, asset_of: Callable[[str], Asset]) -> list[Chosen]:
    """Give the incidents, most deserving first."""
    found: list[Chosen] = []
    for grown in grow(judged):
        held = belonging(grown, judged)
        found.append(Chosen(grown, held, _together(judged.folds, judged.worths, held, asset_of), _shared(judged, held)))
    return sorted(found, key=lambda one: (-one.scored.score, incident_id(one, judged)))


def _shared(judged: Judged, held: Sequence[int]) -> tuple[tuple[EntityKey, int], ...]:
    """Give the telling entities that several of an incident's sessions name, most shared first."""
    pairs = {(key, judged.folds[position].session) for position in held for key in judged.tied.of[position]}
    counts = Counter(key for key, _ in pairs)
    return tuple(sorted(((key, count) for key, count in counts.items() if count > 1), key=lambda pair: (-pair[1], pair[0])))


def _sessions(judged: Judged, chosen: Sequence[Chosen]) -> tuple[Session, ...]:
    """Make the sessions."""
    incident = {judged.folds[at].session: incident_id(one, judged) for one in chosen for at in one.folds}
    seen = shown(judged, [one.folds for one in chosen])
    return tuple(tell_session(judged, at, incident.get(at), shown=at in seen) for at in range(len(judged.spans)))


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
