"""`/api/incidents`: incidents in lists and one by one, what is told of them, and how they stand."""

from typing import Annotated

from fastapi import APIRouter, Depends

from watchkeeper.api.seat import REFUSALS, Called, Judging, Lang, Paged, Viewing, filled
from watchkeeper.autopilot import incident_page
from watchkeeper.autopilot.edits import incident_called
from watchkeeper.autopilot.incident_record import beside, searching
from watchkeeper.autopilot.signal_list import signals
from watchkeeper.model.change import EditDone, StandingDone
from watchkeeper.model.edit import Dividing, Merging, Undoing
from watchkeeper.model.event import Event
from watchkeeper.model.page import Page
from watchkeeper.model.remark import Assigning, Commenting, Remark
from watchkeeper.model.signal_placed import SignalFilter, SignalPlaced
from watchkeeper.model.summary import IncidentFilter, IncidentSummary
from watchkeeper.model.told import FourQuestions, Graph, Happening, IncidentSeen, Story
from watchkeeper.model.watch import Because

router = APIRouter(prefix="/api/incidents", tags=["incidents"], responses=REFUSALS)


@router.get("", summary="List incidents")
def listed(seat: Viewing, wanted: Annotated[IncidentFilter, Depends(filled(IncidentFilter))], page: Paged) -> Page[IncidentSummary]:
    """List incidents that fit, page by page; those that come meanwhile move no other."""
    return seat.desk.incidents(wanted, page.after, page.limit)


@router.get("/{incident}", summary="One incident")
def one(seat: Viewing, incident: Called) -> IncidentSeen:
    """Give an incident as people see it, with everything that is known of it."""
    return incident_page.page_of(seat.desk.store, incident)


@router.get("/{incident}/questions", summary="The four questions")
def questions(seat: Viewing, incident: Called, lang: Lang = "en") -> FourQuestions:
    """Say where it came from, whether it succeeded, what must be done and what else there is."""
    return seat.desk.questions(incident, lang)


@router.get("/{incident}/story", summary="Its story")
def story(seat: Viewing, incident: Called, lang: Lang = "en") -> Story:
    """Tell what happened in checked sentences, in time order."""
    return incident_page.story_of(incident_called(seat.desk.store, incident), lang)


@router.get("/{incident}/graph", summary="Its graph")
def graph(seat: Viewing, incident: Called) -> Graph:
    """Give what did what to what, as nodes and edges with their evidence."""
    return incident_page.graph_of(incident_called(seat.desk.store, incident))


@router.get("/{incident}/timeline", summary="Its course")
def timeline(seat: Viewing, incident: Called, page: Paged, lang: Lang = "en") -> Page[Happening]:
    """Give what was seen and what people did about it, in time order."""
    found = incident_called(seat.desk.store, incident)
    return incident_page.course_of(seat.desk.store, found, lang, page.after, page.limit)


@router.get("/{incident}/events", summary="Its evidence")
def events(seat: Viewing, incident: Called, page: Paged) -> Page[Event]:
    """Give the events that it rests on, as far as they are kept."""
    found = incident_called(seat.desk.store, incident)
    with searching(seat.desk.store, found, seat.the.events_of(seat.who.tenant)) as search:
        return incident_page.evidence_of(found, search, page.after, page.limit)


@router.get("/{incident}/signals", summary="Its signals")
def of_incident(seat: Viewing, incident: Called, page: Paged) -> Page[SignalPlaced]:
    """Give the signals that it was found with, newest first."""
    found = incident_called(seat.desk.store, incident)
    return signals(seat.desk.store, SignalFilter(incident=found.id), page.after, page.limit)


@router.get("/{incident}/comments", summary="What people noted")
def comments(seat: Viewing, incident: Called, page: Paged) -> Page[Remark]:
    """Give comments and who it was given to, in the order they were made."""
    found = incident_called(seat.desk.store, incident)
    return beside(seat.desk.store.remarks_on(found.id), page.after, page.limit)


@router.post("/{incident}/comments", summary="Comment on it", status_code=201)
def comment(seat: Judging, incident: Called, said: Commenting) -> Remark:
    """Note something about it; a comment is never changed, the next stands beside it."""
    return seat.desk.remark(incident, "comment", said.text, seat.acts(""))


@router.put("/{incident}/assigned", summary="Give it to somebody")
def assign(seat: Judging, incident: Called, to: Assigning) -> Remark:
    """Say who works on it from now on; empty for nobody."""
    return seat.desk.remark(incident, "assigned", to.to, seat.acts(""))


@router.post("/{incident}/close", summary="Close it")
def close(seat: Judging, incident: Called, asked: Because) -> StandingDone:
    """Close it: what is the attacker's is not looked out for any more."""
    return seat.desk.close(incident, seat.acts(asked.why))


@router.post("/{incident}/reopen", summary="Open it again")
def reopen(seat: Judging, incident: Called, asked: Because) -> StandingDone:
    """Open it again, if it was closed by `close`."""
    return seat.desk.reopen(incident, seat.acts(asked.why))


@router.post("/{incident}/merge", summary="Merge another into it")
def merge(seat: Judging, incident: Called, asked: Merging) -> EditDone:
    """Make two incidents one; `unmerge` takes it back."""
    return seat.desk.merge(incident, asked.other, seat.acts(asked.why), keep=not asked.what_if)


@router.post("/{incident}/unmerge", summary="Take a merge back")
def unmerge(seat: Judging, incident: Called, asked: Undoing) -> EditDone:
    """Take back the last merge that it took part in."""
    return seat.desk.undo("merge", incident, keep=not asked.what_if)


@router.post("/{incident}/split", summary="Split some of it off")
def split(seat: Judging, incident: Called, asked: Dividing) -> EditDone:
    """Make some of its folds an incident of their own; `unsplit` takes it back."""
    return seat.desk.split(incident, (asked.folds, asked.host), seat.acts(asked.why), keep=not asked.what_if)


@router.post("/{incident}/unsplit", summary="Take a split back")
def unsplit(seat: Judging, incident: Called, asked: Undoing) -> EditDone:
    """Take back the last split that it took part in."""
    return seat.desk.undo("split", incident, keep=not asked.what_if)
