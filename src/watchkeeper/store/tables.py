"""Tables of what `investigate` and the people who read it leave. Owns columns; nouns are kept as JSON beside what is searched."""

from datetime import datetime

from sqlalchemy import BigInteger, Float, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.columns import Moment, Numbered, Owned, Table, Words


class CaseRow(Owned, Table):
    """One run over one body of evidence."""

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    made: Mapped[datetime] = mapped_column(Moment)
    out: Mapped[str] = mapped_column(Words)
    events: Mapped[int] = mapped_column(BigInteger)
    signals: Mapped[int] = mapped_column(BigInteger)


class IncidentRow(Owned, Table):
    """One incident as it was last seen."""

    __tablename__ = "incidents"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    rank: Mapped[int] = mapped_column(Integer)
    score: Mapped[float] = mapped_column(Float)
    title: Mapped[str] = mapped_column(Words)
    body: Mapped[str] = mapped_column(Text)


class FeedbackRow(Numbered, Table):
    """What a person said about an incident or a session; later words stand beside earlier ones."""

    __tablename__ = "feedback"

    incident_id: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[str] = mapped_column(Text)


class SuppressionRow(Owned, Table):
    """What is not shown for a while."""

    __tablename__ = "suppressions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    expires: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)


class EditRow(Owned, Table):
    """What a person changed about which folds are one incident."""

    __tablename__ = "edits"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)


class MeaningRow(Owned, Table):
    """What a rule asked for when it last ran, as a digest."""

    __tablename__ = "meanings"

    rule: Mapped[str] = mapped_column(Words, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))


class BaselineRow(Owned, Table):
    """What was learnt from one case, and from which hosts and time, so that it is used only where it belongs."""

    __tablename__ = "baselines"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    start: Mapped[datetime] = mapped_column(Moment)
    end: Mapped[datetime] = mapped_column(Moment)
    hosts: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class SubjectRow(Owned, Table):
    """A session or incident as triage saw it, so that it can be learnt from when a person judges it."""

    __tablename__ = "subjects"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    body: Mapped[str] = mapped_column(Text)


class WatchRow(Owned, Table):
    """Something of an attacker's that is looked out for because of an incident."""

    __tablename__ = "watches"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incident_id: Mapped[str] = mapped_column(String(64), index=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    until: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)


class StandingRow(Numbered, Table):
    """What became of an incident after it was found; the latest counts. A case re-opens an incident once."""

    __tablename__ = "standings"

    incident_id: Mapped[str] = mapped_column(String(64), index=True)
    case_id: Mapped[str] = mapped_column(String(32), index=True)
    body: Mapped[str] = mapped_column(Text)


class SecretRow(Owned, Table):
    """A key that is made once and never leaves the database."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
