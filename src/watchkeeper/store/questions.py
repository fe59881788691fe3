"""What playbooks ask people, and what they answered. Owns that a question is asked once and answered once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from watchkeeper.model.question import Answer, Question
from watchkeeper.store.changes import record
from watchkeeper.store.question_tables import QuestionRow
from watchkeeper.store.rows import Rows

MOST_LISTED = 500
"""Questions that one look gives."""


class Questions(Rows):
    """Questions to people."""

    def keep_question(self, question: Question) -> Question:
        """Keep a question; one that was asked before stays as it is, with its answer, and is given."""
        with self._writing() as session:
            if (before := _question(session, question.id)) is not None:
                return before
            row = QuestionRow(tenant=self.tenant, id=question.id, incident_id=question.incident, asked=question.asked)
            row.deadline, row.answered, row.body = question.deadline, False, question.model_dump_json()
            session.add(row)
            session.flush()
            record(session, self.tenant, "question", [question.incident])
        return question

    def answer_question(self, id_: str, answer: Answer) -> Question:
        """Keep the answer to a question; who waits for it hears that the incident is otherwise.

        Raises:
            ValueError: there is no such question, it was answered before or its time is up, or the answer is none of its choices.
        """
        with self._writing() as session:
            question = _question(session, id_)
            row = session.scalar(select(QuestionRow).where(QuestionRow.id == id_))
            if question is None or row is None:
                raise ValueError(f"there is no question {id_[:40]!r}; `watchkeeper questions list` names those that are open")
            answered = question.answered(answer)
            row.answered, row.body = True, answered.model_dump_json()
            session.flush()
            record(session, self.tenant, "question", [question.incident])
        return answered

    def questions(self, incident: str = "", open_at: datetime | None = None) -> tuple[Question, ...]:
        """Give questions, the newest first: about an incident, or those that can still be answered at a time, or both."""
        asked = select(QuestionRow.body).order_by(QuestionRow.asked.desc(), QuestionRow.id).limit(MOST_LISTED)
        if incident:
            asked = asked.where(QuestionRow.incident_id == incident)
        if open_at is not None:
            asked = asked.where(QuestionRow.answered.is_(False), QuestionRow.deadline > open_at)
        with self._reading() as session:
            return tuple(map(Question.model_validate_json, session.scalars(asked)))

    def questions_called(self, start: str, most: int = 2) -> tuple[str, ...]:
        """Give ids of questions that begin so, a few at most."""
        asked = select(QuestionRow.id).where(QuestionRow.id.startswith(start, autoescape=True)).order_by(QuestionRow.id).limit(most)
        with self._reading() as session:
            return tuple(session.scalars(asked))


def _question(session: Session, id_: str) -> Question | None:
    body = session.scalar(select(QuestionRow.body).where(QuestionRow.id == id_))
    return None if body is None else Question.model_validate_json(body)
