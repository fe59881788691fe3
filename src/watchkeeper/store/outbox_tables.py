"""Tables of messages to people, and of who acknowledged what. Owns columns alone."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.columns import Moment, Owned, Table, Words


class OutgoingRow(Owned, Table):
    """A message by one route, and what became of it; its key makes that it is never there twice."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "due"), Index("ix_outbox_incident", "tenant", "incident_id"))

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    incident_id: Mapped[str] = mapped_column(String(64))
    route: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    made: Mapped[datetime] = mapped_column(Moment)
    due: Mapped[datetime] = mapped_column(Moment)
    settled: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(Integer)
    held: Mapped[bool] = mapped_column(Boolean)
    escalates: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str] = mapped_column(Words)
    body: Mapped[str] = mapped_column(Text)


class AcknowledgedRow(Owned, Table):
    """Somebody takes care of an incident."""

    __tablename__ = "acknowledged"

    incident_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    time: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(Words)
