"""`/api/policy`: what may be done without a person, levels with their record, changing both. Owns who may ask for what."""

from fastapi import APIRouter

from watchkeeper.api.seat import REFUSALS, Answering, Called, Deciding, Paged, Viewing
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.autopilot.policy_desk import LevelLine
from watchkeeper.model.acting import Lowering, NewPolicy, Promoting, Reason
from watchkeeper.model.action_seen import PolicySeen
from watchkeeper.model.page import Page
from watchkeeper.model.policy import LevelSet, PolicyChange

router = APIRouter(prefix="/api/policy", tags=["policy"], responses=REFUSALS)


@router.get("", summary="The policy")
def policy(seat: Viewing) -> PolicySeen:
    """Give the policy in force, what was asked for beside it, every promotion and demotion, and the brakes."""
    return seat.policy.policy()


@router.get("/levels", summary="Levels with their record")
def levels(seat: Viewing, page: Paged) -> Page[LevelLine]:
    """Give each class of actions that did anything or was set: its level, the most it may have, and how it did so far."""
    return beside(seat.policy.levels(), page.after, page.limit)


@router.post("/promote", summary="Ask for a higher level", status_code=201)
def promote(seat: Deciding, asked: Promoting) -> PolicyChange:
    """Ask for a level; up to L2 it holds at once, above it a second admin agrees, or it is announced for a day where there is none."""
    return seat.policy.promote((asked.action, asked.group), asked.level, seat.acts(asked.why))


@router.post("/lower", summary="Lower a level")
def lower(seat: Answering, asked: Lowering) -> LevelSet:
    """Lower the level of a class at once; that only makes things safer, so a responder may."""
    return seat.policy.lower((asked.action, asked.group), asked.level, seat.acts(asked.why))


@router.post("/changes", summary="Ask for another policy", status_code=201)
def change(seat: Deciding, asked: NewPolicy) -> PolicyChange:
    """Ask for another policy; a second admin agrees, or it is announced for a day where there is none."""
    return seat.policy.ask(asked.policy, seat.acts(asked.why))


@router.post("/changes/{change}/agree", summary="Agree to a change")
def agree(seat: Deciding, change: Called) -> PolicyChange:
    """Agree, as a second admin, to a change or a promotion that somebody else asked for."""
    return seat.policy.agree(change, seat.acts(""))


@router.post("/changes/{change}/cancel", summary="Cancel a change")
def cancel(seat: Answering, change: Called, asked: Reason) -> PolicyChange:
    """Cancel a change or a promotion that was asked for or stands announced; so that one admin alone is no master, a responder may."""
    return seat.policy.cancel(change, seat.acts(asked.why))
