"""Turning what was worked out into nouns with their reasons. Owns the notes of folds, sessions and incidents; it decides nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import log

from watchkeeper.correlation.fold import EntityKey, Folded
from watchkeeper.correlation.grow import Grown
from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.rarity import Rarity
from watchkeeper.correlation.score import Scored, tactics_of
from watchkeeper.correlation.session import Span, digest
from watchkeeper.correlation.trust import Trust
from watchkeeper.model.entity import Entity
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.level import LEVELS
from watchkeeper.model.note import Note

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


def tell_fold(folded: Folded, span: Span, rare: Rarity, trust: Trust | None = None) -> Fold:
    """Make the noun of a fold."""
    who = "fold.repeated" if folded.user else "fold.repeated-nobody"
    arguments = {"count": str(folded.count), "place": span.place.partition(":")[2], **({"user": folded.user} if folded.user else {})}
    return Fold(
        id=folded.id,
        session=span.id,
        place=span.place,
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
        why=(Note(code=who, arguments=arguments), rare.why, *((trust.why,) if trust else ())),
    )


def tell_session(judged: Judged, session: int, incident: str | None, *, shown: bool) -> Session:
    """Make the noun of a session."""
    span, scored = judged.spans[session], judged.scored[session]
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
        folds=tuple(judged.folds[position].id for position in judged.members[session]),
        score=round(scored.score, 4),
        incident=incident,
        shown=shown,
        why=tuple(notes),
    )


def incident_id(chosen: Chosen, judged: Judged) -> str:
    """Give an incident's id, from its first session."""
    return digest("incident", judged.spans[min(chosen.grown.sessions)].id)


def tell_incident(chosen: Chosen, rank: int, judged: Judged, told: Sequence[Fold]) -> Incident:
    """Make the noun of an incident, without the results of later steps."""
    positions = sorted(chosen.folds, key=partial(_most_telling, judged, _support(judged, chosen.folds)))
    inside = [judged.folds[position] for position in positions]
    sessions = sorted({fold.session for fold in inside})
    left = sum(len(judged.members[session]) for session in sessions) - len(inside)
    return Incident(
        id=incident_id(chosen, judged),
        rank=rank,
        title=inside[0].title,
        level=LEVELS[max(fold.level for fold in inside)],
        score=round(chosen.scored.score, 4),
        start=moment(min((fold.first for fold in inside if fold.first is not None), default=None)),
        end=moment(max((fold.last for fold in inside if fold.last is not None), default=None)),
        sessions=tuple(judged.spans[session].id for session in sessions),
        folds=tuple(told[position] for position in positions),
        hosts=_by_count(fold.host for fold in inside if fold.host),
        entities=tuple(Entity.model_validate({"kind": kind, "value": value}) for (kind, value), _ in chosen.ties),
        techniques=_by_count(name for fold in inside for name in fold.techniques),
        tactics=tactics_of(inside),
        why=(*chosen.scored.why, *_joined(chosen, len(sessions), len(inside), left)),
        shown=True,
        synthetic=any(fold.synthetic for fold in inside),
    )


def _support(judged: Judged, held: Sequence[int]) -> Counter[str]:
    """Count the distinct rules that speak for each technique."""
    rules = {(name, judged.folds[position].rule) for position in held for name in judged.folds[position].techniques}
    return Counter(name for name, _ in rules)


def _most_telling(judged: Judged, support: Counter[str], position: int) -> tuple[float, tuple[float, int, str]]:
    """Order folds by worth; one whose technique other rules confirm goes before one that stands alone."""
    confirmed = max((support[name] for name in judged.folds[position].techniques), default=1)
    return -judged.worths[position] * (1 + log(confirmed)), judged.by_worth(position)


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
