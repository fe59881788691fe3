"""`/api/metrics`: how well it goes, each figure with what it was computed over."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from watchkeeper.api.seat import REFUSALS, Viewing
from watchkeeper.autopilot.metrics import metrics
from watchkeeper.model.metrics import Metrics

router = APIRouter(prefix="/api/metrics", tags=["metrics"], responses=REFUSALS)
Since = Annotated[AwareDatetime | None, Query(description="Incidents that ended earlier do not count.")]
Until = Annotated[AwareDatetime | None, Query(description="Incidents that began later do not count.")]


@router.get("", summary="How well it goes")
def measured(seat: Viewing, since: Since = None, until: Until = None) -> Metrics:
    """Give times to detect, close and judge, folding, false rate and what is open, each with how it was computed and over what."""
    return metrics(seat.desk.store, since, until)
