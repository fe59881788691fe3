"""`/api/sources`: who sends telemetry, and what was heard of them. Who may be let in stands elsewhere."""

from fastapi import APIRouter

from watchkeeper.api.seat import REFUSALS, Paged, Viewing
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.autopilot.sources_seen import sources_seen
from watchkeeper.model.page import Page
from watchkeeper.model.source_seen import SourceSeen

router = APIRouter(prefix="/api/sources", tags=["sources"], responses=REFUSALS)


@router.get("", summary="List sources")
def sources(seat: Viewing, page: Paged) -> Page[SourceSeen]:
    """List who sends, how much came of them, when they were heard last and whether they are silent."""
    return beside(sources_seen(seat.desk.store, seat.the.heard(), seat.now), page.after, page.limit)
