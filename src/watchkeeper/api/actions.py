"""`/api/actions`: what was done or is to be done about incidents; asking for it, answering, taking it back. Owns no ruling: ethics does."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from watchkeeper.api.seat import REFUSALS, Answering, Called, Paged, Responding, Viewing
from watchkeeper.model.acted import ActionLine
from watchkeeper.model.acting import Reason, Word
from watchkeeper.model.action_seen import ActionAsked, ActionSeen, ActionShow, ActionStands
from watchkeeper.model.page import Page

router = APIRouter(prefix="/api/actions", tags=["actions"], responses=REFUSALS)
_AT_ONCE = BoundedSemaphore(8)
"""Requests that may wait for places; more are told to come again, so that a slow place cannot hold up everything else."""
Show = Annotated[ActionShow, Query(description="What is in force; what waits for people or is about to run; every one.")]
Of = Annotated[str, Query(max_length=128, description="Id of the incident that they are for; empty for any.")]


@contextmanager
def one_of_few() -> Generator[None]:
    """Let few wait for places at a time.

    Raises:
        HTTPException: 503 if too many do.
    """
    if not _AT_ONCE.acquire(blocking=False):
        raise HTTPException(503, "many actions are being carried out at this moment; try again", {"Retry-After": "5"})
    try:
        yield
    finally:
        _AT_ONCE.release()


@router.get("", summary="List actions")
def listed(seat: Viewing, page: Paged, show: Show = "in-force", incident: Of = "") -> Page[ActionLine]:
    """List actions page by page, the newest first, each with its first few targets and how many there are."""
    return seat.actions.actions(show, page.after, page.limit, incident)


@router.get("/{action}", summary="One action")
def one(seat: Viewing, action: Called) -> ActionSeen:
    """Give an action with its ruling, what people said and the audit log tells of it; of very many targets the first 200."""
    return seat.actions.action(action).cut()


@router.post("", summary="Ask for an action", status_code=201)
def propose(seat: Responding, asked: ActionAsked) -> ActionStands:
    """Ask for an action; it is ruled on as any other. What a token asks for is asked by who made the token."""
    with one_of_few():
        return ActionStands.of(seat.actions.propose(asked, seat.answers(""))).cut()


@router.post("/{action}/answer", summary="Answer")
def answer(seat: Answering, action: Called, said: Word) -> ActionStands:
    """Say, as a person, that an action may be done or must not be; what a person asked for is carried out once enough agree."""
    with one_of_few():
        answered = seat.actions.answer(action, seat.acts(said.why), "api", agrees=said.agrees, digest=said.digest)
        return ActionStands.of(answered).cut()


@router.post("/{action}/undo", summary="Take it back")
def undo(seat: Responding, action: Called, asked: Reason) -> ActionStands:
    """Take an action back at once; if its place does not answer it stays `undoing`, and the platform tries again."""
    with one_of_few():
        return ActionStands.of(seat.actions.undo(action, seat.answers(asked.why))).cut()


@router.post("/{action}/check", summary="Look whether it works")
def check(seat: Responding, action: Called) -> ActionStands:
    """Look at its place whether an action has its effect; one without is taken back or left to people, as the policy says."""
    with one_of_few():
        return ActionStands.of(seat.actions.check(action)).cut()
