"""What triage looks at, the same of a session and of an incident. Owns taking it from either; what is made of it stands elsewhere."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.attack import in_usual_order
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.subject import About
from watchkeeper.model.trace import Trace


@dataclass(frozen=True, slots=True)
class Seen:
    """A session or an incident with what it holds."""

    id: str
    about: About
    start: datetime | None
    score: float
    folds: tuple[Fold, ...]
    """Most telling first."""
    hosts: tuple[str, ...]
    techniques: tuple[str, ...]
    tactics: tuple[str, ...]
    trace: Trace | None = None


def of_incident(incident: Incident) -> Seen:
    """Look at an incident."""
    return Seen(
        id=incident.id,
        about="incident",
        start=incident.start,
        score=incident.score,
        folds=incident.folds,
        hosts=incident.hosts,
        techniques=incident.techniques,
        tactics=incident.tactics,
        trace=incident.trace,
    )


def of_session(session: Session, folds: Sequence[Fold]) -> Seen:
    """Look at a session; `folds` are its folds, most telling first."""
    return Seen(
        id=session.id,
        about="session",
        start=session.start,
        score=session.score,
        folds=tuple(folds),
        hosts=(session.host,) if session.host else (),
        techniques=_by_count(name for fold in folds for name in fold.techniques),
        tactics=in_usual_order(name for fold in folds for name in fold.tactics),
    )


def _by_count(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value, _ in sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))
