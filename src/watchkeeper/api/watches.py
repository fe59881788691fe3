"""`/api/watches`: what of attackers is looked out for."""

from typing import Annotated

from fastapi import APIRouter, Query

from watchkeeper.api.seat import REFUSALS, Called, Judging, Paged, Viewing
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.autopilot.watch_edits import Wanted
from watchkeeper.model.change import WatchDone, WatchListed
from watchkeeper.model.page import Page
from watchkeeper.model.watch import Because, Watching

router = APIRouter(prefix="/api/watches", tags=["watches"], responses=REFUSALS)
Of = Annotated[str, Query(max_length=128, description="Id of the incident that it is because of, or its first characters.")]


@router.get("", summary="What is looked out for")
def watches(seat: Viewing, page: Paged, incident: Of = "") -> Page[WatchListed]:
    """Give what is or was looked out for, because of which incident, why and until when."""
    return beside(seat.desk.watches(incident)[0], page.after, page.limit)


@router.post("", summary="Look out for something", status_code=201)
def watch(seat: Judging, asked: Watching) -> WatchDone:
    """Look out for something because of an incident, and say which earlier cases had seen it."""
    wanted = Wanted(asked.kind, asked.value, asked.level, asked.days or seat.desk.watch_days)
    return seat.desk.watch(asked.incident, wanted, seat.acts(asked.why))


@router.post("/{watch}/end", summary="Look out for it no longer")
def end(seat: Judging, watch: Called, asked: Because) -> WatchDone:
    """Stop looking out for something; it stays on record and does not come back by itself."""
    return seat.desk.unwatch(watch, seat.acts(asked.why))
