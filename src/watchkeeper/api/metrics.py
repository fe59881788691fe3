"""`/api/metrics`: how well it goes, each figure with what it was computed over."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from watchkeeper.api.seat import REFUSALS, Lang, Viewing
from watchkeeper.autopilot.action_figures import Period
from watchkeeper.autopilot.metrics import metrics
from watchkeeper.model.metrics import Metrics

router = APIRouter(prefix="/api/metrics", tags=["metrics"], responses=REFUSALS)
Since = Annotated[AwareDatetime | None, Query(description="Incidents that ended earlier do not count.")]
Until = Annotated[AwareDatetime | None, Query(description="Incidents that began later do not count.")]


@router.get("", summary="How well it goes")
def measured(seat: Viewing, since: Since = None, until: Until = None, lang: Lang = "en") -> Metrics:
    """Give times, shares, and what became of incidents and actions, each with how it was computed, over what, and what was left out."""
    return metrics(seat.desk.store, Period(since, until), None, lang)
