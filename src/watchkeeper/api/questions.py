"""`/api/questions`: what playbooks ask people about incidents. Owns no deadline: the flow has it."""

from typing import Annotated

from fastapi import APIRouter, Query

from watchkeeper.api.seat import REFUSALS, Answering, Called, Paged, Viewing
from watchkeeper.autopilot import questions
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.model.acting import Reply
from watchkeeper.model.page import Page
from watchkeeper.model.question import Question

router = APIRouter(prefix="/api/questions", tags=["playbooks"], responses=REFUSALS)
Of = Annotated[str, Query(max_length=128, description="Id of the incident that they are about; empty for any.")]
Everything = Annotated[bool, Query(description="Also what was answered, or whose time is up.")]


@router.get("", summary="What is asked")
def listed(seat: Viewing, page: Paged, incident: Of = "", everything: Everything = False) -> Page[Question]:  # noqa: FBT002 -- a parameter of the query
    """Give what can be answered now: the question, its choices, until when, and what is taken if nobody answers."""
    return beside(questions.listed(seat.desk.store, seat.now, incident, everything=everything), page.after, page.limit)


@router.post("/{question}/answer", summary="Answer a question")
def answer(seat: Answering, question: Called, said: Reply) -> Question:
    """Answer, as a person; the incident goes on by it, and the audit log tells who said so."""
    return questions.answer(seat.desk.store, seat.the.people.audit, (question, said.choice), seat.acts(said.why), "api")
