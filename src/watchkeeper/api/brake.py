"""`/api/brake`: stopping every action. Owns who may set it and who may release it; with `?tenant=*` it is about every tenant."""

from typing import Annotated

from fastapi import APIRouter, Depends

from watchkeeper.api.seat import REFUSALS, Paged, Seat, Viewing, seat
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.model.acting import Reason
from watchkeeper.model.page import Page
from watchkeeper.model.policy import Brake
from watchkeeper.model.principal import EVERY_TENANT

router = APIRouter(prefix="/api/brake", tags=["policy"], responses=REFUSALS)
Setting = Annotated[Seat, Depends(seat("responder", every=True))]
Releasing = Annotated[Seat, Depends(seat("admin", every=True, person=True))]


@router.get("", summary="Brakes")
def brakes(seat: Viewing, page: Paged) -> Page[Brake]:
    """Give the brakes that were set or released, the one for all tenants first."""
    return beside(seat.policy.brakes(), page.after, page.limit)


@router.post("/on", summary="Set the brake")
def on(seat: Setting, asked: Reason) -> Brake:
    """Let nothing be done any more; what is in force stays, and can be taken back."""
    return seat.policy.brake(seat.answers(asked.why), on=True, every=_is_every(seat))


@router.post("/dry-run", summary="Begin a dry run")
def dry_run(seat: Setting, asked: Reason) -> Brake:
    """Let everything be decided and written down as usual and nothing be done; a brake that is on stays on."""
    return seat.policy.brake(seat.answers(asked.why), dry_run=True, every=_is_every(seat))


@router.post("/off", summary="Release the brake")
def off(seat: Releasing, asked: Reason) -> Brake:
    """Release the brake and end a dry run."""
    return seat.policy.brake(seat.acts(asked.why), on=False, dry_run=False, every=_is_every(seat))


def _is_every(seat: Seat) -> bool:
    return seat.who.tenant == EVERY_TENANT
