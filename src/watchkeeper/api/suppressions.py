"""`/api/suppressions`: what is not worth a look for a while."""

from fastapi import APIRouter

from watchkeeper.api.seat import REFUSALS, Called, Judging, Paged, Viewing
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.autopilot.suppressions import Asked
from watchkeeper.model.change import SuppressionDone
from watchkeeper.model.page import Page
from watchkeeper.model.suppression import Suppressing, Suppression

router = APIRouter(prefix="/api/suppressions", tags=["suppressions"], responses=REFUSALS)


@router.get("", summary="List suppressions")
def suppressions(seat: Viewing, page: Paged) -> Page[Suppression]:
    """Give every suppression that ever was, those that end first coming first."""
    return beside(seat.desk.suppressions(), page.after, page.limit)


@router.post("", summary="Suppress signals")
def suppress(seat: Judging, asked: Suppressing) -> SuppressionDone:
    """Make signals worth nothing for a while; what people judged an attack is never hidden, and the answer says so."""
    wanted = Asked(asked.rule, asked.where, asked.owner, asked.why, asked.days)
    return seat.desk.suppress(wanted, keep=not asked.what_if)


@router.post("/{suppression}/end", summary="End a suppression")
def end(seat: Judging, suppression: Called) -> Suppression:
    """End it now; it stays on record."""
    return seat.desk.end_suppression(suppression)
