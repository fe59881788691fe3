"""Table of what playbooks ask people. Owns its columns alone."""

from datetime import datetime

from sqlalchemy import Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from watchkeeper.store.columns import Moment, Owned, Table


class QuestionRow(Owned, Table):
    """A question with its answer, if it has one."""

    __tablename__ = "questions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incident_id: Mapped[str] = mapped_column(String(64))
    asked: Mapped[datetime] = mapped_column(Moment)
    deadline: Mapped[datetime] = mapped_column(Moment)
    answered: Mapped[bool] = mapped_column(Boolean)
    body: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index("ix_questions_incident", "tenant", "incident_id"),
        Index("ix_questions_open", "tenant", "answered", "deadline"),
    )
