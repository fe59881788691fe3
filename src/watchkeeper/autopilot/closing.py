"""Closing: what people's verdicts allow to be put away without a person. Owns applying it to a case; the proof is `triage`'s."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.correlation import Correlated, placed
from watchkeeper.model.asset import Asset
from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.signal import FOLLOWING
from watchkeeper.model.subject import Subject
from watchkeeper.model.verdict import HARMLESS, Verdict
from watchkeeper.triage import SHOWN_SHARE, Closing, Experience, Seen, is_drawn, of_incident, of_session, subject_of

MOST_SUBJECTS = 20_000
"""Sessions of a case that are weighed, those of the highest score first; the others are neither closed nor learnt from."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A case with what was closed."""

    found: Correlated
    """With the verdicts of what was closed."""
    subjects: tuple[Subject, ...]
    """Every session and incident as it was seen, to be learnt from once a person judges it."""
    why: tuple[Note, ...]


def settle(found: Correlated, asset_of: Callable[[str], Asset], experience: Experience, key: bytes) -> Settled:
    """Weigh every session and incident, and close those that may be closed: they stay in the case, and are not shown.

    A session within an incident is closed with it or not at all. Of what is closed a share is shown to a person all the same, drawn with
    the key.
    """
    desk = _Desk(experience, key, asset_of, _known_by_intelligence(found.signals))
    weighed = tuple(desk.incident(incident) for incident in found.incidents)
    by_id = {incident.id: incident for incident in weighed}
    folds = {fold.id: fold for fold in found.folds}
    chosen = {session.id for session in sorted(found.sessions, key=lambda one: (-one.score, one.id))[:MOST_SUBJECTS]}
    sessions = tuple(
        desk.session(session, [folds[fold] for fold in session.folds], by_id.get(session.incident or ""))
        if session.id in chosen
        else session
        for session in found.sessions
    )
    settled = replace(found, incidents=weighed, sessions=sessions, signals=placed(found.signals, weighed, sessions))
    return Settled(settled, tuple(desk.subjects), tuple(desk.why(len(sessions) - len(chosen))))


class _Desk:
    """Weighs one subject after another and keeps count."""

    def __init__(self, experience: Experience, key: bytes, asset_of: Callable[[str], Asset], known_by_intelligence: frozenset[str]) -> None:
        self.subjects: list[Subject] = []
        self._experience = experience
        self._key = key
        self._asset_of = asset_of
        self._known = known_by_intelligence
        self._kept_open: Counter[str] = Counter()
        self._closed: set[str] = set()
        self._drawn = 0

    def incident(self, incident: Incident) -> Incident:
        """Close an incident if it may be; never one whose trace says otherwise."""
        subject = self._subject(of_incident(incident))
        harmless = incident.verdict is None or incident.verdict.outcome in HARMLESS
        verdict = self._verdict(subject, may=harmless)
        return incident if verdict is None else incident.model_copy(update={"verdict": verdict, "shown": is_drawn(subject.id, self._key)})

    def session(self, session: Session, folds: Sequence[Fold], incident: Incident | None) -> Session:
        """Say how likely a session is part of an attack, and close it if it may be."""
        subject = self._subject(of_session(session, folds))
        told = session.model_copy(update={"attack": _probability(self._experience.log_odds(subject))})
        if incident is not None:
            self.subjects.append(subject.model_copy(update={"chance": SHOWN_SHARE}) if incident.id in self._closed else subject)
            return told.model_copy(update={"shown": told.shown and incident.shown})
        verdict = self._verdict(subject, may=True)
        return told if verdict is None else told.model_copy(update={"verdict": verdict, "shown": is_drawn(subject.id, self._key)})

    def why(self, unweighed: int) -> Iterator[Note]:
        """Say what was allowed and what was done."""
        closing = self._experience.closing
        if isinstance(closing, Note):
            yield closing
            return
        yield Note(code="triage.closing.proven", arguments=_proof(closing))
        counts = {"closed": len(self._closed), "subjects": len(self.subjects), "drawn": self._drawn}
        yield Note(code="triage.closing.done", arguments={name: str(count) for name, count in counts.items()})
        if closing.suspended:
            yield Note(code="triage.closing.suspended", arguments={"rules": str(len(closing.suspended))})
        if unweighed:
            yield Note(code="triage.closing.unweighed", arguments={"count": str(unweighed)})
        for reason, count in sorted(self._kept_open.items()):
            yield Note(code=f"triage.barred.{reason}", arguments={"count": str(count)})

    def _subject(self, seen: Seen) -> Subject:
        return subject_of(seen, self._asset_of, lambda fold: fold.id in self._known)

    def _verdict(self, subject: Subject, *, may: bool) -> Verdict | None:
        """Give the verdict of what is closed; none if it stays open."""
        closing = self._experience.closing
        reason = self._experience.kept_open(subject) if may else "likely"
        if reason is not None or isinstance(closing, Note):
            self.subjects.append(subject)
            self._kept_open.update([reason] if reason not in (None, "likely", "judged", "unproven") else [])
            return None
        drawn = is_drawn(subject.id, self._key)
        self.subjects.append(subject.model_copy(update={"chance": SHOWN_SHARE}))
        self._closed.add(subject.id)
        self._drawn += drawn
        return _closed(
            closing, closing.odds(subject, self._experience.past(subject)), _probability(self._experience.log_odds(subject)), drawn=drawn
        )


def _closed(closing: Closing, odds: float, attack: float, *, drawn: bool) -> Verdict:
    arguments = {**_proof(closing), "odds": f"{odds:.2f}", "threshold": f"{closing.threshold:.2f}"}
    notes = [Note(code="triage.closed", arguments=arguments)]
    if drawn:
        notes.append(Note(code="triage.drawn", arguments={"percent": f"{100 * SHOWN_SHARE:g}"}))
    return Verdict(
        outcome="benign",
        confidence=round(1 - attack, 3),
        attack=attack,
        hypothesis="misfiring-rule",
        why=tuple(notes),
        missing=(),
        opinions=(),
        decided_by="fast",
    )


def _proof(closing: Closing) -> dict[str, str]:
    return {"closed": str(closing.closed), "misses": str(closing.misses), "bound": f"{100 * closing.bound:.2f}"}


def _probability(log_odds: float) -> float:
    return round(1 / (1 + exp(-max(-700.0, min(700.0, log_odds)))), 4)


def _known_by_intelligence(signals: pa.Table) -> frozenset[str]:
    """Give the folds that hold a match of intelligence, of a watchlist or of what is followed."""
    matched = signals.filter(pc.is_in(signals.column("detector"), value_set=pa.array(["intel", FOLLOWING])))
    return frozenset(cast("list[str]", matched.column("fold").to_pylist()))
