"""Turning what was worked out into nouns with their reasons. Owns the notes of folds, sessions and incidents; it decides nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from watchkeeper.correlation.fold import EntityKey, Folded
from watchkeeper.correlation.grow import Grown
from watchkeeper.correlation.rarity import Rarity
from watchkeeper.correlation.score import Scored, tactics_of
from watchkeeper.correlation.session import Span, digest
from watchkeeper.model.entity import Entity
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.signal import LEVELS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Chosen:
    """An incident before it is told."""

    grown: Grown
    folds: tuple[int, ...]
    """Positions, most telling first."""
    scored: Scored
    ties: tuple[tuple[EntityKey, int], ...]
    """Entities that more than one of its sessions share, with how many."""


def moment(micros: int | None) -> datetime | None:
    """Give µs since 1970 as a UTC time."""
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


def tell_fold(folded: Folded, span: Span, rare: Rarity) -> Fold:
    """Make the noun of a fold."""
    who = "fold.repeated" if folded.user else "fold.repeated-nobody"
    arguments = {"count": str(folded.count), "place": span.place.partition(":")[2], **({"user": folded.user} if folded.user else {})}
    return Fold(
        id=folded.id,
        session=span.id,
        rule=folded.rule,
        title=folded.title,
        level=LEVELS[folded.level],
        host=folded.host,
        user=folded.user,
        first=moment(folded.first),
        last=moment(folded.last),
        count=folded.count,
        exemplars=folded.exemplars,
        techniques=folded.techniques,
        tactics=tactics_of([folded]),
        novelty=round(rare.nats, 4),
        why=(Note(code=who, arguments=arguments), rare.why),
    )


def tell_session(span: Span, folds: Sequence[str], scored: Scored, incident: str | None, *, shown: bool) -> Session:
    """Make the noun of a session."""
    kind, _, value = span.place.partition(":")
    notes = list(scored.why)
    if kind != "host":
        notes.append(Note(code="session.unhosted", arguments={"kind": kind, "value": value}))
    if span.start is None:
        notes.append(Note(code="session.untimed"))
    return Session(
        id=span.id,
        host=span.host,
        start=moment(span.start),
        end=moment(span.end),
        folds=tuple(folds),
        score=round(scored.score, 4),
        incident=incident,
        shown=shown,
        why=tuple(notes),
    )


def incident_id(chosen: Chosen, spans: Sequence[Span]) -> str:
    """Give an incident's id, from its first session."""
    return digest("incident", spans[chosen.grown.sessions[0]].id)


def tell_incident(chosen: Chosen, rank: int, spans: Sequence[Span], facts: Sequence[Folded], folds: Sequence[Fold]) -> Incident:
    """Make the noun of an incident, without the results of later steps."""
    inside = [facts[position] for position in chosen.folds]
    sessions = sorted({fold.session for fold in inside})
    return Incident(
        id=incident_id(chosen, spans),
        rank=rank,
        title=inside[0].title,
        level=LEVELS[max(fold.level for fold in inside)],
        score=round(chosen.scored.score, 4),
        start=moment(min((fold.first for fold in inside if fold.first is not None), default=None)),
        end=moment(max((fold.last for fold in inside if fold.last is not None), default=None)),
        sessions=tuple(spans[session].id for session in sessions),
        folds=tuple(folds[position] for position in chosen.folds),
        hosts=_by_count(fold.host for fold in inside if fold.host),
        entities=tuple(Entity.model_validate({"kind": kind, "value": value}) for (kind, value), _ in chosen.ties),
        techniques=_by_count(name for fold in inside for name in fold.techniques),
        tactics=tactics_of(inside),
        why=(*chosen.scored.why, *_joined(chosen, len(sessions), len(inside), _left(sessions, facts) - len(inside))),
        shown=True,
        synthetic=any(fold.synthetic for fold in inside),
    )


def _left(sessions: Iterable[int], facts: Sequence[Folded]) -> int:
    """Count all folds of these sessions."""
    wanted = set(sessions)
    return sum(fold.session in wanted for fold in facts)


def _by_count(values: Iterable[str]) -> tuple[str, ...]:
    """Give distinct values, most frequent first."""
    return tuple(value for value, _ in sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


def _joined(chosen: Chosen, sessions: int, folds: int, left: int) -> Iterable[Note]:
    """Say why the sessions are one incident and what of them stays outside."""
    yield Note(code="incident.sessions", arguments={"sessions": str(sessions), "seeds": str(len(chosen.grown.seeds)), "folds": str(folds)})
    for (kind, value), count in chosen.ties[:5]:
        yield Note(code="incident.shared", arguments={"kind": kind, "value": value, "sessions": str(count)})
    for kind, count in sorted(Counter(link.by[0] for link in chosen.grown.links if link.by[0] in ("place", "rule", "time")).items()):
        yield Note(code=f"incident.joined-{kind}", arguments={"links": str(count)})
    if left:
        yield Note(code="incident.left", arguments={"folds": str(left)})
