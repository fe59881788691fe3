"""The state database: SQLite in a folder, or any URL SQLAlchemy knows. Owns sessions and queries; shapes of rows stand in `tables`."""

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, create_engine, delete, event, select
from sqlalchemy.orm import Session

from watchkeeper.model.edit import Edit
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.subject import Precedent, Subject
from watchkeeper.model.suppression import Suppression
from watchkeeper.model.watch import Standing, Watch
from watchkeeper.store.tables import (
    BaselineRow,
    CaseRow,
    EditRow,
    FeedbackRow,
    IncidentRow,
    MeaningRow,
    SecretRow,
    StandingRow,
    SubjectRow,
    SuppressionRow,
    Table,
    WatchRow,
)

_SHARED_HOSTS = 0.5
_MOST_ASKED = 500
"""Ids that one query asks for."""


class CaseKept(NamedTuple):
    """Where a case is, and how it is known."""

    id: str
    out: Path
    """Its folder when it was made; it may be gone."""


class Store:
    """Cases, incidents, learnt baselines, and what people said, suppressed and changed."""

    def __init__(self, engine: Engine) -> None:
        """Make the tables where they are missing."""
        self._engine = engine
        Table.metadata.create_all(engine)

    def close(self) -> None:
        """Give connections back."""
        self._engine.dispose()

    def save(self, case_id: str, case: Case, out: Path, incidents: Iterable[Incident]) -> None:
        """Keep a case and its incidents as they were found; the same case investigated again replaces what was kept of it."""
        with Session(self._engine) as session, session.begin():
            session.merge(CaseRow(id=case_id, made=case.made, out=str(out), events=case.events, signals=case.signals))
            for old in session.scalars(select(IncidentRow).where(IncidentRow.case_id == case_id)):
                session.delete(old)
            session.flush()
            for incident in incidents:
                session.merge(_incident_row(case_id, incident))

    def newest_case(self) -> Path | None:
        """Give the folder of the case that was made last; none if there is none."""
        with Session(self._engine) as session:
            out = session.scalar(select(CaseRow.out).order_by(CaseRow.made.desc()).limit(1))
        return None if out is None else Path(out)

    def cases(self) -> tuple[CaseKept, ...]:
        """Give every case, the newest first."""
        with Session(self._engine) as session:
            return tuple(CaseKept(row.id, Path(row.out)) for row in session.scalars(select(CaseRow).order_by(CaseRow.made.desc())))

    def incidents(self) -> tuple[Incident, ...]:
        """Every incident as it was found, the newest case's first, by rank; edits are not applied."""
        newest = select(IncidentRow).join(CaseRow, CaseRow.id == IncidentRow.case_id).order_by(CaseRow.made.desc(), IncidentRow.rank)
        with Session(self._engine) as session:
            return tuple(Incident.model_validate_json(row.body) for row in session.scalars(newest))

    def placed_incidents(self) -> tuple[tuple[str, str], ...]:
        """Give the ids of the case and of every incident as it was found."""
        with Session(self._engine) as session:
            return tuple((row.case_id, row.id) for row in session.execute(select(IncidentRow.case_id, IncidentRow.id)))

    def add_feedback(self, feedback: Feedback) -> None:
        """Keep what a person said."""
        with Session(self._engine) as session, session.begin():
            session.add(FeedbackRow(incident_id=feedback.subject, body=feedback.model_dump_json()))

    def feedback(self) -> tuple[Feedback, ...]:
        """Give everything that people said, in the order they said it."""
        with Session(self._engine) as session:
            return tuple(
                Feedback.model_validate_json(row.body) for row in session.scalars(select(FeedbackRow).order_by(FeedbackRow.number))
            )

    def keep_suppression(self, suppression: Suppression) -> None:
        """Keep a suppression, or what became of it."""
        row = SuppressionRow(id=suppression.id, expires=_naive(suppression.expires), body=suppression.model_dump_json())
        with Session(self._engine) as session, session.begin():
            session.merge(row)

    def suppressions(self) -> tuple[Suppression, ...]:
        """Give every suppression that ever was, those that end first coming first."""
        every = select(SuppressionRow).order_by(SuppressionRow.expires, SuppressionRow.id)
        with Session(self._engine) as session:
            return tuple(Suppression.model_validate_json(row.body) for row in session.scalars(every))

    def keep_edit(self, edit: Edit) -> None:
        """Keep an edit, or what became of it."""
        with Session(self._engine) as session, session.begin():
            session.merge(EditRow(number=edit.number, body=edit.model_dump_json()))

    def edits(self) -> tuple[Edit, ...]:
        """Give every edit that was ever made, in order, those that were taken back among them."""
        with Session(self._engine) as session:
            return tuple(Edit.model_validate_json(row.body) for row in session.scalars(select(EditRow).order_by(EditRow.number)))

    def keep_meanings(self, digests: Mapping[str, str]) -> None:
        """Keep what rules ask for, as a digest by the rule's id."""
        with Session(self._engine) as session, session.begin():
            for rule, digest in digests.items():
                session.merge(MeaningRow(rule=rule, digest=digest))

    def meanings(self, rules: Iterable[str]) -> dict[str, str]:
        """Give the digests of rules by their ids, as far as they are known."""
        wanted = sorted(set(rules))
        found: dict[str, str] = {}
        with Session(self._engine) as session:
            for start in range(0, len(wanted), _MOST_ASKED):
                asked = select(MeaningRow).where(MeaningRow.rule.in_(wanted[start : start + _MOST_ASKED]))
                found.update((row.rule, row.digest) for row in session.scalars(asked))
        return found

    def save_baseline(self, case_id: str, span: tuple[datetime, datetime], hosts: Iterable[str], body: bytes) -> None:
        """Keep what was learnt from one case; the same case learnt again replaces it, so that nothing counts twice."""
        row = BaselineRow(case_id=case_id, start=_naive(span[0]), end=_naive(span[1]), hosts=json.dumps(sorted(hosts)), body=body)
        with Session(self._engine) as session, session.begin():
            session.merge(row)

    def seen(self, case_id: str) -> tuple[tuple[datetime, datetime] | None, tuple[str, ...]]:
        """Give the times of a case's first and last event, UTC, and its hosts; nothing if nothing was learnt from it."""
        with Session(self._engine) as session:
            row = session.get(BaselineRow, case_id)
        return (None, ()) if row is None else ((_utc(row.start), _utc(row.end)), tuple(json.loads(row.hosts)))

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

    def save_watches(self, case_id: str, watches: Iterable[Watch]) -> None:
        """Keep what is looked out for because of a case's incidents, in the place of what was; what a person did with it stays."""
        with Session(self._engine) as session, session.begin():
            mine = session.scalars(select(WatchRow).where(WatchRow.case_id == case_id))
            before = {row.id: (row, Watch.model_validate_json(row.body)) for row in mine}
            for row, watch in before.values():
                if watch.ended is None and not watch.by:
                    session.delete(row)
            session.flush()
            for watch in watches:
                known = before[watch.id][1] if watch.id in before else watch
                if known.ended is None and not known.by:
                    session.merge(_watch_row(watch.model_copy(update={"since": known.since})))

    def keep_watch(self, watch: Watch) -> None:
        """Keep one thing to look out for, or what became of it."""
        with Session(self._engine) as session, session.begin():
            session.merge(_watch_row(watch))

    def watches(self) -> tuple[Watch, ...]:
        """Give everything that ever was looked out for, by incident, what ends last coming first."""
        every = select(WatchRow).order_by(WatchRow.incident_id, WatchRow.until.desc(), WatchRow.id)
        with Session(self._engine) as session:
            return tuple(Watch.model_validate_json(row.body) for row in session.scalars(every))

    def keep_standing(self, standing: Standing) -> None:
        """Keep what became of an incident; the same case seen again changes what it said before, not when."""
        with Session(self._engine) as session, session.begin():
            same = select(StandingRow).where(StandingRow.incident_id == standing.incident, StandingRow.case_id == standing.case)
            before = session.scalars(same).first() if standing.case else None
            if before is None:
                session.add(StandingRow(incident_id=standing.incident, case_id=standing.case, body=standing.model_dump_json()))
            else:
                first = Standing.model_validate_json(before.body).time
                before.body = standing.model_copy(update={"time": first}).model_dump_json()

    def standings(self) -> dict[str, tuple[Standing, ...]]:
        """Give what became of incidents, by their ids, in the order it was said."""
        found: dict[str, tuple[Standing, ...]] = {}
        with Session(self._engine) as session:
            for row in session.scalars(select(StandingRow).order_by(StandingRow.number)):
                found[row.incident_id] = (*found.get(row.incident_id, ()), Standing.model_validate_json(row.body))
        return found

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


def _watch_row(watch: Watch) -> WatchRow:
    return WatchRow(id=watch.id, incident_id=watch.incident, case_id=watch.case, until=_naive(watch.until), body=watch.model_dump_json())


def _same_organisation(ours: set[str], theirs: set[str]) -> bool:
    smaller = min(len(ours), len(theirs))
    return smaller > 0 and len(ours & theirs) >= _SHARED_HOSTS * smaller


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _precedent(subject: Subject, said: Feedback) -> Precedent:
    return Precedent(subject=subject, verdict=said.verdict, said=said.time)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
