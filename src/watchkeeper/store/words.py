"""What people said and did: verdicts, suppressions, edits, and what became of incidents. Owns no consequence: the rest is derived."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from watchkeeper.model.edit import Edit
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.live import Status
from watchkeeper.model.suppression import Suppression
from watchkeeper.model.verdict import HARMLESS
from watchkeeper.model.watch import Standing
from watchkeeper.store.changes import record
from watchkeeper.store.platform_tables import LiveIncidentRow
from watchkeeper.store.rows import Rows
from watchkeeper.store.tables import EditRow, FeedbackRow, StandingRow, SuppressionRow


class Said(Rows):
    """What people said and did, in the order they did it."""

    def add_feedback(self, feedback: Feedback) -> None:
        """Keep what a person said; an incident of the stream is closed while the last word calls it harmless."""
        with self._writing() as session:
            session.add(FeedbackRow(tenant=self.tenant, incident_id=feedback.subject, body=feedback.model_dump_json()))
            session.flush()
            _settle(session, self.tenant, feedback.subject, feedback.time)
            record(session, self.tenant, "feedback", [feedback.subject])

    def feedback(self) -> tuple[Feedback, ...]:
        """Give everything that people said, in the order they said it."""
        with self._reading() as session:
            bodies = session.scalars(select(FeedbackRow.body).order_by(FeedbackRow.number))
            return tuple(Feedback.model_validate_json(body) for body in bodies)

    def keep_suppression(self, suppression: Suppression) -> None:
        """Keep a suppression, or what became of it."""
        row = SuppressionRow(tenant=self.tenant, id=suppression.id, expires=suppression.expires, body=suppression.model_dump_json())
        with self._writing() as session:
            session.merge(row)
            record(session, self.tenant, "suppression", [suppression.id])

    def suppressions(self) -> tuple[Suppression, ...]:
        """Give every suppression that ever was, those that end first coming first."""
        every = select(SuppressionRow.body).order_by(SuppressionRow.expires, SuppressionRow.id)
        with self._reading() as session:
            return tuple(Suppression.model_validate_json(body) for body in session.scalars(every))

    def keep_edit(self, edit: Edit) -> None:
        """Keep an edit, or what became of it."""
        with self._writing() as session:
            session.merge(EditRow(tenant=self.tenant, number=edit.number, body=edit.model_dump_json()))
            record(session, self.tenant, "edit", [str(edit.number)])

    def edits(self) -> tuple[Edit, ...]:
        """Give every edit that was ever made, in order, those that were taken back among them."""
        with self._reading() as session:
            return tuple(Edit.model_validate_json(body) for body in session.scalars(select(EditRow.body).order_by(EditRow.number)))

    def keep_standing(self, standing: Standing) -> None:
        """Keep what became of an incident; the same case seen again changes what it said before, not when."""
        with self._writing() as session:
            say_standing(session, self.tenant, standing)

    def standings(self) -> dict[str, tuple[Standing, ...]]:
        """Give what became of incidents, by their ids, in the order it was said."""
        found: dict[str, tuple[Standing, ...]] = {}
        with self._reading() as session:
            for row in session.scalars(select(StandingRow).order_by(StandingRow.number)):
                found[row.incident_id] = (*found.get(row.incident_id, ()), Standing.model_validate_json(row.body))
        return found


def say_standing(session: Session, tenant: str, standing: Standing) -> None:
    """Add what became of an incident to what a writing session keeps; an incident of the stream stands so from then on."""
    same = select(StandingRow).where(StandingRow.incident_id == standing.incident, StandingRow.case_id == standing.case)
    before = session.scalars(same).first() if standing.case else None
    if before is None:
        session.add(StandingRow(tenant=tenant, incident_id=standing.incident, case_id=standing.case, body=standing.model_dump_json()))
    else:
        first = Standing.model_validate_json(before.body).time
        before.body = standing.model_copy(update={"time": first}).model_dump_json()
    session.flush()
    _settle(session, tenant, standing.incident, standing.time)
    record(session, tenant, "standing", [standing.incident])


def _settle(session: Session, tenant: str, incident: str, moment: datetime) -> None:
    """Let an incident of the stream, if there is one of that id, stand as the last words say."""
    row = session.scalar(select(LiveIncidentRow).where(LiveIncidentRow.id == incident))
    status = _status(session, incident)
    if row is None or row.status == status:
        return
    row.status, row.closed = status, moment if status == "closed" else None
    row.updated, row.revision = datetime.now(UTC), row.revision + 1
    session.flush()
    record(session, tenant, "incident", [incident])


def _status(session: Session, incident: str) -> Status:
    standings = select(StandingRow.body).where(StandingRow.incident_id == incident).order_by(StandingRow.number.desc())
    words = select(FeedbackRow.body).where(FeedbackRow.incident_id == incident).order_by(FeedbackRow.number.desc())
    stood, said = session.scalars(standings.limit(1)).first(), session.scalars(words.limit(1)).first()
    if said and (word := Feedback.model_validate_json(said)).about == "incident" and word.verdict in HARMLESS:
        return "closed"
    return Standing.model_validate_json(stood).state if stood else "open"
