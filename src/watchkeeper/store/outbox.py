"""Messages on their way to people, and who acknowledged what they tell of. Owns their order and states, not the sending."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, cast

from sqlalchemy import delete, func, select

from watchkeeper.model.feedback import Feedback
from watchkeeper.model.message import Message, Outgoing
from watchkeeper.store.changes import record
from watchkeeper.store.outbox_tables import AcknowledgedRow, OutgoingRow
from watchkeeper.store.platform_tables import LiveIncidentRow
from watchkeeper.store.rows import Rows
from watchkeeper.store.tables import FeedbackRow

MOST_TAKEN = 200
"""Messages that one round takes."""
LEASE = timedelta(minutes=5)
"""What was taken and not settled, because somebody died over it, is taken again after so long."""
KEPT_DAYS = 90
"""Messages that are done with are shown so long."""
State = Literal["waiting", "sent", "given-up", "not-needed"]


class MessageKept(NamedTuple):
    """A message and where it stands."""

    outgoing: Outgoing
    state: State
    settled: datetime | None
    """When it was sent or given up, UTC; none while it waits."""
    note: str
    """Why it failed last, or what was left out, in words without secrets."""


class Waiting(NamedTuple):
    """How many messages of all tenants wait, and how many nobody will get."""

    due: int
    given_up: int
    """In the last day."""


class Telling(Rows):
    """Messages to people."""

    def keep_messages(self, messages: Iterable[Outgoing]) -> int:
        """Keep messages of the tenant to be sent, all or none; give how many are new.

        One whose key is there already is on its way or was sent, and is left as it is: whoever was cut off may keep the same again.
        """
        new: list[str] = []
        with self._writing() as session:
            for one in messages:
                if session.get(OutgoingRow, (self.tenant, one.message.key)) is None:
                    session.add(_row(self.tenant, one))
                    new.append(one.message.key)
            session.flush()
            record(session, self.tenant, "message", new)
        return len(new)

    def take_outgoing(self, now: datetime) -> tuple[Outgoing, ...]:
        """Take what is due, of all tenants, the longest due first; until `LEASE` is over nobody else is given it."""
        due = select(OutgoingRow).where(OutgoingRow.state == "waiting", OutgoingRow.due <= now).order_by(OutgoingRow.due, OutgoingRow.key)
        with self.database.writing(None) as session:
            rows = session.scalars(due.limit(MOST_TAKEN)).all()
            found: list[Outgoing] = []
            for row in rows:
                row.attempts += 1
                found.append(_outgoing(row))
                row.due = now + LEASE
        return tuple(found)

    def settle(self, messages: Sequence[Outgoing], state: State, note: str, moment: datetime) -> None:
        """Note what became of messages of any tenant; what still waits is due at the moment, what does not was done with then."""
        for tenant in dict.fromkeys(one.message.tenant for one in messages):
            with self.database.writing(tenant) as session:
                for key in (one.message.key for one in messages if one.message.tenant == tenant):
                    row = session.scalar(select(OutgoingRow).where(OutgoingRow.key == key, OutgoingRow.state == "waiting"))
                    if row is None:
                        continue
                    row.state, row.note = state, note
                    row.due, row.settled = (moment, None) if state == "waiting" else (row.due, moment)
                    record(session, tenant, "message", [key])

    def acknowledge(self, incident: str, by: str, moment: datetime) -> None:
        """Keep that somebody takes care of an incident: nobody further is told of what was told until then."""
        with self._writing() as session:
            session.merge(AcknowledgedRow(tenant=self.tenant, incident_id=incident, time=moment, by=by))
            record(session, self.tenant, "incident", [incident])

    def acknowledged(self, incident: str) -> tuple[datetime, str] | None:
        """Give when somebody last took care of an incident, and who."""
        with self._reading() as session:
            row = session.scalar(select(AcknowledgedRow).where(AcknowledgedRow.incident_id == incident))
        return None if row is None else (row.time, row.by)

    def is_taken_care_of(self, message: Message) -> bool:
        """Say whether somebody acknowledged, judged or closed the incident of a message since the message was made."""
        about = select(FeedbackRow).where(FeedbackRow.incident_id == message.incident)
        with self.database.reading(message.tenant) as session:
            row = session.scalar(select(AcknowledgedRow).where(AcknowledgedRow.incident_id == message.incident))
            live = session.scalar(select(LiveIncidentRow).where(LiveIncidentRow.id == message.incident))
            said = [Feedback.model_validate_json(one.body) for one in session.scalars(about)]
        if row is not None and row.time >= message.time:
            return True
        return (live is not None and live.status == "closed") or any(one.time >= message.time for one in said)

    def messages(self, incident: str = "", most: int = 200) -> tuple[MessageKept, ...]:
        """Give the tenant's messages, of one incident or all, the newest first."""
        asked = select(OutgoingRow).order_by(OutgoingRow.made.desc(), OutgoingRow.key)
        if incident:
            asked = asked.where(OutgoingRow.incident_id == incident)
        with self._reading() as session:
            rows = session.scalars(asked.limit(max(1, min(most, 500)))).all()
        return tuple(MessageKept(_outgoing(row), cast("State", row.state), row.settled, row.note) for row in rows)

    def waiting_messages(self, now: datetime) -> Waiting:
        """Count the messages of all tenants that are late, and that were given up within a day."""
        count = select(func.count()).select_from(OutgoingRow)
        late = count.where(OutgoingRow.state == "waiting", OutgoingRow.due <= now)
        lost = count.where(OutgoingRow.state == "given-up", OutgoingRow.settled >= now - timedelta(days=1))
        with self.database.reading(None) as session:
            return Waiting(session.scalar(late) or 0, session.scalar(lost) or 0)

    def drop_messages(self, now: datetime) -> int:
        """Forget the messages of all tenants that were done with `KEPT_DAYS` ago, and say how many there were."""
        old = delete(OutgoingRow).where(OutgoingRow.state != "waiting", OutgoingRow.settled < now - timedelta(days=KEPT_DAYS))
        with self.database.writing(None) as session:
            return len(session.execute(old.returning(OutgoingRow.key)).all())


def _row(tenant: str, one: Outgoing) -> OutgoingRow:
    return OutgoingRow(
        tenant=tenant, key=one.message.key, incident_id=one.message.incident, route=one.route, state="waiting", made=one.message.time,
        due=one.due, settled=None, attempts=one.attempts, held=one.held, escalates=one.escalates, note="",
        body=one.message.model_dump_json(),
    )  # fmt: skip


def _outgoing(row: OutgoingRow) -> Outgoing:
    message = Message.model_validate_json(row.body)
    return Outgoing(message=message, route=row.route, due=row.due, held=row.held, escalates=row.escalates, attempts=row.attempts)
