"""Turning what was worked out into nouns with their reasons. Owns the notes of folds, sessions and incidents; it decides nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from math import log

from watchkeeper.correlation.fold import MOST_ENTITIES, EntityKey, Folded
from watchkeeper.correlation.judged import Judged
from watchkeeper.correlation.rarity import Rarity
from watchkeeper.correlation.score import Scored, tactics_of
from watchkeeper.correlation.session import Span
from watchkeeper.correlation.show import Shown
from watchkeeper.correlation.trust import Trust
from watchkeeper.correlation.underway import Piece, Underway
from watchkeeper.model.entity import Entity
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.level import LEVELS
from watchkeeper.model.note import Note

MOST_NAMED = 5
"""So many are named in a note."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_MANY = Note(code="fold.many-entities", arguments={"most": str(MOST_ENTITIES)})


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
        why=(Note(code=who, arguments=arguments), rare.why, *((_MANY,) if folded.more_entities else ()), *((trust.why,) if trust else ())),
    )


def tell_session(judged: Judged, session: int, incident: str | None, seen: Shown) -> Session:
    """Make the noun of a session."""
    span, scored = judged.spans[session], judged.scored[session]
    return Session(
        id=span.id,
        host=span.host,
        start=moment(span.start),
        end=moment(span.end),
        folds=tuple(judged.folds[position].id for position in judged.members[session]),
        score=round(scored.score, 4),
        incident=incident,
        shown=session in seen.seen,
        why=(*scored.why, *_session_notes(judged, session, seen)),
    )


def _session_notes(judged: Judged, session: int, seen: Shown) -> Iterable[Note]:
    """Say what is special about a session."""
    span = judged.spans[session]
    kind, _, value = span.place.partition(":")
    if kind != "host":
        yield Note(code="session.unhosted", arguments={"kind": kind, "value": value})
    if span.start is None:
        yield Note(code="session.untimed")
    for title, hours in judged.steady.get(session, {}).items():
        yield Note(code="session.steady", arguments={"title": title, "hours": str(hours)})
    if session in seen.echoes:
        yield Note(code="session.echo", arguments={"place": _place(judged, seen.echoes[session])})
    echoes = [_place(judged, at) for at, stands in seen.echoes.items() if stands == session]
    if echoes:
        yield Note(code="session.stands", arguments={"count": str(len(echoes)), "places": ", ".join(echoes[:MOST_NAMED])})


def _place(judged: Judged, session: int) -> str:
    return judged.spans[session].place.partition(":")[2]


def tell_incident(one: Underway, rank: int, scored: Scored, trusts: Mapping[str, Trust]) -> Incident:
    """Make the noun of an incident, without the results of later steps."""
    support = _support(one.pieces)
    pieces = sorted(one.pieces, key=partial(_most_telling, support))
    inside = [piece.folded for piece in pieces]
    sessions = dict(sorted({(piece.folded.session, piece.span.id) for piece in pieces}))
    ties = _shared(one.pieces)
    return Incident(
        id=one.id,
        rank=rank,
        title=inside[0].title,
        level=LEVELS[max(fold.level for fold in inside)],
        score=round(scored.score, 4),
        start=moment(min((fold.first for fold in inside if fold.first is not None), default=None)),
        end=moment(max((fold.last for fold in inside if fold.last is not None), default=None)),
        sessions=tuple(sessions.values()),
        folds=tuple(tell_fold(piece.folded, piece.span, piece.rarity, trusts.get(piece.folded.rule)) for piece in pieces),
        hosts=_by_count(fold.host for fold in inside if fold.host),
        entities=tuple(Entity.model_validate({"kind": kind, "value": value}) for (kind, value), _ in ties),
        techniques=_by_count(name for fold in inside for name in fold.techniques),
        tactics=tactics_of(inside),
        why=(*scored.why, *_joined(one, len(sessions), ties)),
        shown=True,
        synthetic=any(fold.synthetic for fold in inside),
    )


def _shared(pieces: Iterable[Piece]) -> list[tuple[EntityKey, int]]:
    """Give the telling entities that several of an incident's sessions name, most shared first."""
    counts = Counter(key for key, _ in {(key, piece.folded.session) for piece in pieces for key in piece.ties})
    return sorted(((key, count) for key, count in counts.items() if count > 1), key=lambda pair: (-pair[1], pair[0]))


def _support(pieces: Iterable[Piece]) -> Counter[str]:
    """Count the distinct rules that speak for each technique."""
    return Counter(name for name, _ in {(name, piece.folded.rule) for piece in pieces for name in piece.folded.techniques})


def _most_telling(support: Counter[str], piece: Piece) -> tuple[float, tuple[float, int, str]]:
    """Order folds by worth; one whose technique other rules confirm goes before one that stands alone."""
    confirmed = max((support[name] for name in piece.folded.techniques), default=1)
    return -piece.worth * (1 + log(confirmed)), piece.order


def _by_count(values: Iterable[str]) -> tuple[str, ...]:
    """Give distinct values, most frequent first."""
    return tuple(value for value, _ in sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))


def _joined(one: Underway, sessions: int, ties: Sequence[tuple[EntityKey, int]]) -> Iterable[Note]:
    """Say why the sessions are one incident and what of them stays outside."""
    counts = {"sessions": str(sessions), "seeds": str(len(one.seeds)), "folds": str(len(one.pieces))}
    yield Note(code="incident.sessions", arguments=counts)
    for (kind, value), count in ties[:MOST_NAMED]:
        yield Note(code="incident.shared", arguments={"kind": kind, "value": value, "sessions": str(count)})
    for kind, count in sorted(one.joined.items()):
        if kind in ("place", "rule", "time"):
            yield Note(code=f"incident.joined-{kind}", arguments={"links": str(count)})
    if one.left:
        yield Note(code="incident.left", arguments={"folds": str(one.left)})
    if one.continues:
        yield Note(code="incident.continues", arguments={"incident": one.continues})
