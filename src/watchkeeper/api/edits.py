"""`/api/edits`: which incidents people merged and split."""

from fastapi import APIRouter

from watchkeeper.api.seat import REFUSALS, Paged, Viewing
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.model.edit import EditMade
from watchkeeper.model.page import Page

router = APIRouter(prefix="/api/edits", tags=["incidents"], responses=REFUSALS)


@router.get("", summary="Merges and splits in force")
def edits(seat: Viewing, page: Paged) -> Page[EditMade]:
    """Give the merges and splits in force, and whether what they speak of is still there."""
    return beside(seat.desk.edits(), page.after, page.limit)
