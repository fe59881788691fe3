"""Tables of the platform: incidents of the stream, positions, senders, settings, and what changed. Owns columns alone."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Float, Index, LargeBinary, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.columns import Moment, Owned, Table, Words


class TenantRow(Owned, Table):
    """An organisation that is watched over."""

    __tablename__ = "tenants"

    title: Mapped[str] = mapped_column(Words)
    made: Mapped[datetime] = mapped_column(Moment)


class LiveIncidentRow(Owned, Table):
    """An incident of the stream as it stands now."""

    __tablename__ = "live_incidents"
    __table_args__ = (
        Index("ix_live_incidents_first", "tenant", "first", "id"),
        Index("ix_live_incidents_last", "tenant", "last"),
        Index("ix_live_incidents_score", "tenant", "score", "id"),
        Index("ix_live_incidents_updated", "tenant", "updated", "id"),
        Index("ix_live_incidents_status", "tenant", "status", "severity"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    severity: Mapped[int] = mapped_column(SmallInteger)
    """Place of its level in `LEVELS`."""
    score: Mapped[float] = mapped_column(Float)
    shown: Mapped[bool] = mapped_column(Boolean)
    first: Mapped[datetime] = mapped_column(Moment)
    """Time of its first signal; when it was first kept, if that has none."""
    last: Mapped[datetime] = mapped_column(Moment)
    opened: Mapped[datetime] = mapped_column(Moment)
    updated: Mapped[datetime] = mapped_column(Moment)
    closed: Mapped[datetime | None] = mapped_column(Moment)
    judged: Mapped[datetime | None] = mapped_column(Moment)
    """When triage first had a verdict that says something."""
    into: Mapped[str] = mapped_column(String(64))
    """Id of the incident that it goes on in; empty if it stands by itself."""
    title: Mapped[str] = mapped_column(Words)
    revision: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(Text)


class LiveMarkRow(Owned, Table):
    """A host, user, technique or other entity by which an incident of the stream is found."""

    __tablename__ = "live_marks"
    __table_args__ = (Index("ix_live_marks_value", "tenant", "kind", "value"),)

    incident_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(Words, primary_key=True)


class CursorRow(Owned, Table):
    """How far a consumer has come, with what it has to know to go on."""

    __tablename__ = "cursors"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    updated: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class SenderRow(Owned, Table):
    """Something that hands telemetry over, and the digest of the token that it comes with."""

    __tablename__ = "senders"
    __table_args__ = (UniqueConstraint("tenant", "name", name="uq_senders_name"), UniqueConstraint("id", name="uq_senders_id"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Words)
    token_digest: Mapped[str | None] = mapped_column(String(128), unique=True)
    token_expires: Mapped[datetime | None] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)


class SettingRow(Owned, Table):
    """Something that people set for a tenant while the platform runs."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    updated: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)


class ChangeRow(Owned, Table):
    """Something that is otherwise than it was; the newest are kept for those who listen."""

    __tablename__ = "changes"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(Words)
    time: Mapped[datetime] = mapped_column(Moment)
