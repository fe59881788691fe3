"""An incident that grew: folds whose events belong to what was traced join it. Owns moving them; what belongs is found out elsewhere."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute

from watchkeeper.attack import TACTICS
from watchkeeper.correlation.funnel import Correlated, placed
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.level import LEVELS
from watchkeeper.model.note import Note

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
MOSTLY = 0.5
"""A fold joins if more than this share of its signals is on events that belong."""


def absorb(correlated: Correlated, place: int, events: Collection[str]) -> tuple[Correlated, int]:
    """Let the incident at a place take in the folds, of others or of none, that lie mostly on these events; say where it stands then.

    Where they belong to an incident before it, that one takes in them and all of this incident's. Nothing changes if nothing joins;
    incidents that lose every fold disappear, and the others keep their order and are ranked anew.
    """
    incident = correlated.incidents[place]
    covered = _covered(correlated.signals, events) | {fold.id for fold in incident.folds}
    taker = next(at for at, one in enumerate(correlated.incidents) if any(fold.id in covered for fold in one.folds))
    own = {fold.id for fold in correlated.incidents[taker].folds}
    joining = [fold for fold in correlated.folds if fold.id in covered - own]
    if not joining:
        return correlated, place
    moved = {fold.id for fold in joining}
    grown = [_grown(one, joining) if at == taker else _shrunk(one, moved) for at, one in enumerate(correlated.incidents)]
    ranked = tuple(one.model_copy(update={"rank": rank}) for rank, one in enumerate((one for one in grown if one.folds), start=1))
    sessions = resessioned(correlated.sessions, ranked)
    return replace(correlated, incidents=ranked, sessions=sessions, signals=placed(correlated.signals, ranked, sessions)), taker


def _covered(signals: pa.Table, events: Collection[str]) -> set[str]:
    on_events = signals.filter(pc.is_in(signals.column("event_id"), value_set=pa.array(list(events), pa.string()))).column("fold")
    inside = {str(one["values"]): int(one["counts"]) for one in pc.value_counts(on_events).to_pylist()}
    holding = signals.column("fold").filter(pc.is_in(signals.column("fold"), value_set=pa.array(list(inside), pa.string())))
    every = {str(one["values"]): int(one["counts"]) for one in pc.value_counts(holding).to_pylist()}
    return {fold for fold, count in every.items() if inside[fold] > MOSTLY * count}


def _grown(incident: Incident, joining: list[Fold]) -> Incident:
    folds = (*incident.folds, *joining)
    why = Note(code="incident.grew", arguments={"folds": str(len(joining))})
    return incident.model_copy(update={"why": (*incident.why, why), **made_of(folds)})


def _shrunk(incident: Incident, moved: set[str]) -> Incident:
    left = tuple(fold for fold in incident.folds if fold.id not in moved)
    if len(left) == len(incident.folds):
        return incident
    return incident.model_copy(update=made_of(left))


def made_of(folds: tuple[Fold, ...]) -> dict[str, object]:
    """Give the fields of an incident that follow from its folds."""
    tactics = {tactic for fold in folds for tactic in fold.tactics}
    return {
        "folds": folds,
        "title": max(folds, key=lambda fold: LEVELS.index(fold.level)).title if folds else "",
        "sessions": tuple(dict.fromkeys(fold.session for fold in folds)),
        "hosts": tuple(dict.fromkeys(fold.host for fold in folds if fold.host)),
        "techniques": tuple(dict.fromkeys(technique for fold in folds for technique in fold.techniques)),
        "tactics": tuple(tactic for tactic in TACTICS if tactic in tactics),
        "level": max((fold.level for fold in folds), key=LEVELS.index, default="informational"),
        "start": min(_times(fold.first for fold in folds), default=None),
        "end": max(_times(fold.last for fold in folds), default=None),
    }


def _times(times: Iterable[datetime | None]) -> list[datetime]:
    return [time for time in times if time is not None]


def resessioned(sessions: tuple[Session, ...], incidents: tuple[Incident, ...]) -> tuple[Session, ...]:
    """Give the sessions with the incident that each is part of now; what was shown stays so."""
    held = {session: incident.id for incident in reversed(incidents) for session in incident.sessions}
    return tuple(
        session.model_copy(update={"incident": held.get(session.id), "shown": session.shown or session.id in held}) for session in sessions
    )
