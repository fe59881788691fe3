"""`/api/feedback`: what people held incidents and sessions to be, and what speaks against that now."""

from fastapi import APIRouter

from watchkeeper.api.seat import REFUSALS, Judging, Paged, Viewing
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.model.change import FeedbackDone
from watchkeeper.model.feedback import Feedback, Judged
from watchkeeper.model.page import Page
from watchkeeper.model.reopened import Reopened

router = APIRouter(prefix="/api/feedback", tags=["feedback"], responses=REFUSALS)


@router.get("", summary="What people said")
def said(seat: Viewing, page: Paged) -> Page[Feedback]:
    """Give everything that people said, in the order they said it."""
    return beside(seat.desk.feedback(), page.after, page.limit)


@router.post("", summary="Say what it was")
def judge(seat: Judging, asked: Judged) -> FeedbackDone:
    """Keep what an incident or session really was, or say what that would have changed in earlier cases."""
    return seat.desk.judge(asked.subject, asked.verdict, seat.acts(asked.why), keep=not asked.what_if)


@router.get("/reopened", summary="What is to be looked at again")
def reopened(seat: Viewing, page: Paged) -> Page[Reopened]:
    """Give what people closed and something speaks against now."""
    return beside(seat.desk.reopened(), page.after, page.limit)
