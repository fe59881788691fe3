"""The state database: SQLite in a folder, or any URL SQLAlchemy knows. Owns sessions and queries; shapes of rows stand in `tables`."""

import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, delete, event, select
from sqlalchemy.orm import Session

from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.subject import Precedent, Subject
from watchkeeper.store.tables import BaselineRow, CaseRow, FeedbackRow, IncidentRow, SecretRow, SubjectRow, Table

_SHARED_HOSTS = 0.5


class Store:
    """Cases, incidents, feedback and learnt baselines."""

    def __init__(self, engine: Engine) -> None:
        """Make the tables where they are missing."""
        self._engine = engine
        Table.metadata.create_all(engine)

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()

    def save(self, case_id: str, case: Case, out: Path) -> None:
        """Keep a case and its incidents; the same case investigated again replaces what was kept of it."""
        with Session(self._engine) as session, session.begin():
            session.merge(CaseRow(id=case_id, made=case.made, out=str(out), events=case.events, signals=case.signals))
            for old in session.scalars(select(IncidentRow).where(IncidentRow.case_id == case_id)):
                session.delete(old)
            session.flush()
            for incident in case.incidents:
                session.merge(_incident_row(case_id, incident))

    def newest_case(self) -> Path | None:
        """Give the folder of the case that was made last; none if there is none."""
        with Session(self._engine) as session:
            out = session.scalar(select(CaseRow.out).order_by(CaseRow.made.desc()).limit(1))
        return None if out is None else Path(out)

    def incidents(self) -> tuple[Incident, ...]:
        """Every incident kept, the newest case's first, by rank."""
        newest = select(IncidentRow).join(CaseRow, CaseRow.id == IncidentRow.case_id).order_by(CaseRow.made.desc(), IncidentRow.rank)
        with Session(self._engine) as session:
            return tuple(Incident.model_validate_json(row.body) for row in session.scalars(newest))

    def add_feedback(self, feedback: Feedback) -> None:
        """Keep what a person said.

        Raises:
            KeyError: there is no such incident.
        """
        with Session(self._engine) as session, session.begin():
            if session.get(IncidentRow, feedback.incident) is None:
                raise KeyError(feedback.incident)
            session.add(FeedbackRow(incident_id=feedback.incident, body=feedback.model_dump_json()))

    def feedback(self, incident_id: str) -> tuple[Feedback, ...]:
        """Give what people said about an incident, in the order they said it."""
        said = select(FeedbackRow).where(FeedbackRow.incident_id == incident_id).order_by(FeedbackRow.number)
        with Session(self._engine) as session:
            return tuple(Feedback.model_validate_json(row.body) for row in session.scalars(said))

    def save_baseline(self, case_id: str, span: tuple[datetime, datetime], hosts: Iterable[str], body: bytes) -> None:
        """Keep what was learnt from one case; the same case learnt again replaces it, so that nothing counts twice."""
        row = BaselineRow(case_id=case_id, start=_naive(span[0]), end=_naive(span[1]), hosts=json.dumps(sorted(hosts)), body=body)
        with Session(self._engine) as session, session.begin():
            session.merge(row)

    def baselines(self, before: datetime, hosts: Iterable[str]) -> tuple[bytes, ...]:
        """Give what was learnt from earlier cases of the same organisation, oldest first.

        Earlier: the case ended before this one starts, so that evidence never explains itself away. Same organisation: half of the hosts
        of the smaller case are in both.
        """
        wanted = set(hosts)
        earlier = select(BaselineRow).where(BaselineRow.end < _naive(before)).order_by(BaselineRow.end)
        with Session(self._engine) as session:
            return tuple(row.body for row in session.scalars(earlier) if _same_organisation(wanted, set(json.loads(row.hosts))))

    def save_subjects(self, case_id: str, subjects: Iterable[Subject]) -> None:
        """Keep how a case's sessions and incidents were seen; those that a person judged stay as they were when that was said."""
        judged = select(SubjectRow.id).join(FeedbackRow, FeedbackRow.incident_id == SubjectRow.id)
        with Session(self._engine) as session, session.begin():
            kept = set(session.scalars(judged))
            session.execute(delete(SubjectRow).where(SubjectRow.case_id == case_id, SubjectRow.id.not_in(judged)))
            for subject in subjects:
                if subject.id not in kept:
                    session.merge(SubjectRow(id=subject.id, case_id=case_id, body=subject.model_dump_json()))

    def precedents(self, hosts: Iterable[str]) -> tuple[Precedent, ...]:
        """Give every word that people said about sessions and incidents of the same organisation, in the order they said it."""
        wanted = set(hosts)
        cases = select(BaselineRow.case_id, BaselineRow.hosts)
        said = (
            select(SubjectRow.case_id, SubjectRow.body, FeedbackRow.body)
            .join(FeedbackRow, FeedbackRow.incident_id == SubjectRow.id)
            .order_by(FeedbackRow.number)
        )
        with Session(self._engine) as session:
            ours = {case_id for case_id, body in session.execute(cases) if _same_organisation(wanted, set(json.loads(body)))}
            rows = [(subject, words) for case_id, subject, words in session.execute(said) if case_id in ours]
        return tuple(_precedent(Subject.model_validate_json(subject), Feedback.model_validate_json(words)) for subject, words in rows)

    def drawing_key(self) -> bytes:
        """Give the secret by which it is drawn what a person sees although it was closed; it is made when it is first asked for."""
        with Session(self._engine) as session, session.begin():
            row = session.get(SecretRow, "drawing") or SecretRow(name="drawing", body=secrets.token_bytes(32))
            session.add(row)
            return row.body


def open_store(folder: Path) -> Store:
    """Open the SQLite database in a folder, making both where they are missing.

    Raises:
        OSError: the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{folder / 'watchkeeper.db'}")
    event.listen(engine, "connect", _prepare)
    return Store(engine)


def _prepare(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=10000")


def _incident_row(case_id: str, incident: Incident) -> IncidentRow:
    return IncidentRow(
        id=incident.id, case_id=case_id, rank=incident.rank, score=incident.score, title=incident.title, body=incident.model_dump_json()
    )


def _same_organisation(ours: set[str], theirs: set[str]) -> bool:
    smaller = min(len(ours), len(theirs))
    return smaller > 0 and len(ours & theirs) >= _SHARED_HOSTS * smaller


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _precedent(subject: Subject, said: Feedback) -> Precedent:
    return Precedent(subject=subject, verdict=said.verdict, said=said.time)
