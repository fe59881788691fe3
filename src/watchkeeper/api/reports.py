"""`/api/reports`: incidents written down for others, the shift list, and how things stand."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from watchkeeper.api.seat import REFUSALS, Called, Lang, Responses, Viewing
from watchkeeper.autopilot.action_figures import Period
from watchkeeper.autopilot.edits import incident_called
from watchkeeper.autopilot.export import Telling
from watchkeeper.autopilot.incident_report import FORMS, Around, report_on
from watchkeeper.autopilot.shift import overview, shift
from watchkeeper.model.indicator import Tlp
from watchkeeper.model.shift import Overview, Shift

router = APIRouter(prefix="/api/reports", tags=["reports"], responses=REFUSALS)
Form = Literal["html", "md", "json", "stix", "attack-flow", "ocsf", "navigator"]
_SHIFT = timedelta(hours=8)
_WRITTEN: Responses = {
    200: {
        "description": "The report, in the form that was asked for.",
        "content": {one.media.partition(";")[0]: {"schema": {"type": "string"}} for one in FORMS.values()},
    }
}


@router.get("/shift", summary="The shift list")
def shift_list(seat: Viewing, since: AwareDatetime | None = None, until: AwareDatetime | None = None) -> Shift:
    """Say what is open, what was done in a time (default: the last eight hours), and what is to be looked at again."""
    ends = until or seat.now
    return shift(seat.desk, seat.the.heard(), Period(since or ends - _SHIFT, ends), None)


@router.get("/summary", summary="How things stand")
def summary(seat: Viewing) -> Overview:
    """Say how much is open, which sources are silent, and which version this is."""
    return overview(seat.desk.store, seat.the.heard(), seat.now)


@router.get("/incidents/{incident}", summary="An incident written down", response_class=Response, responses=_WRITTEN)
def incident(
    seat: Viewing,
    incident: Called,
    form: Annotated[Form, Query(description="What it is written as.")] = "html",
    lang: Lang = "en",
    organisation: Annotated[str, Query(max_length=200, description="Who tells, in STIX and Attack Flow.")] = "",
    tlp: Annotated[Tlp, Query(description="Traffic Light Protocol of STIX and Attack Flow.")] = "amber",
) -> Response:
    """Write an incident down as people see it now: a page, text, JSON, STIX 2.1, Attack Flow, OCSF findings or a Navigator layer."""
    found = incident_called(seat.desk.store, incident)
    around = Around(seat.the.events_of(seat.who.tenant), seat.the.content, seat.now)
    text = report_on(seat.desk.store, found, form, Telling(organisation, tlp, lang), around)
    return Response(text, media_type=FORMS[form].media)
