"""Tables of the store. Owns columns and types; nouns are kept as JSON beside the columns that are searched."""

from datetime import datetime

from sqlalchemy import DateTime, Float, Integer, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Table(DeclarativeBase):
    """Where every table is registered."""


class CaseRow(Table):
    """One run over one body of evidence."""

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    made: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    out: Mapped[str] = mapped_column(Text)
    events: Mapped[int] = mapped_column(Integer)
    signals: Mapped[int] = mapped_column(Integer)


class IncidentRow(Table):
    """One incident as it was last seen."""

    __tablename__ = "incidents"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    rank: Mapped[int] = mapped_column(Integer)
    score: Mapped[float] = mapped_column(Float)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)


class FeedbackRow(Table):
    """What a person said about an incident or a session; later words stand beside earlier ones."""

    __tablename__ = "feedback"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    incident_id: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[str] = mapped_column(Text)


class SuppressionRow(Table):
    """What is not shown for a while."""

    __tablename__ = "suppressions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    expires: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    body: Mapped[str] = mapped_column(Text)


class EditRow(Table):
    """What a person changed about which folds are one incident."""

    __tablename__ = "edits"

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class MeaningRow(Table):
    """What a rule asked for when it last ran, as a digest."""

    __tablename__ = "meanings"

    rule: Mapped[str] = mapped_column(String(512), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))


class BaselineRow(Table):
    """What was learnt from one case, and from which hosts and time, so that it is used only where it belongs."""

    __tablename__ = "baselines"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    start: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    end: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    hosts: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class SubjectRow(Table):
    """A session or incident as triage saw it, so that it can be learnt from when a person judges it."""

    __tablename__ = "subjects"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    body: Mapped[str] = mapped_column(Text)


class WatchRow(Table):
    """Something of an attacker's that is looked out for because of an incident."""

    __tablename__ = "watches"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incident_id: Mapped[str] = mapped_column(String(64), index=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    body: Mapped[str] = mapped_column(Text)


class StandingRow(Table):
    """What became of an incident after it was found; the latest counts. A case re-opens an incident once."""

    __tablename__ = "standings"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    incident_id: Mapped[str] = mapped_column(String(64), index=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    body: Mapped[str] = mapped_column(Text)


class SecretRow(Table):
    """A key that is made once and never leaves the database."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
