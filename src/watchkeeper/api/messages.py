"""`/api/messages` and `/api/notify`: what people were told, who takes care, and whether a route works. Owns the shapes of the answers."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query

from watchkeeper.api.guard import allowed
from watchkeeper.api.platform import The
from watchkeeper.autopilot.telling import try_route
from watchkeeper.model.message import Outgoing
from watchkeeper.model.noun import Noun
from watchkeeper.model.principal import EVERY_TENANT, Principal
from watchkeeper.notify.channel import NotSentError
from watchkeeper.notify.delivering import place
from watchkeeper.notify.routes import FILE, Routes, read_routes
from watchkeeper.store.outbox import MessageKept

router = APIRouter(prefix="/api", tags=["messages"])
Viewer = Annotated[Principal, Depends(allowed("viewer"))]
Analyst = Annotated[Principal, Depends(allowed("analyst"))]
Admin = Annotated[Principal, Depends(allowed("admin"))]
IncidentId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class MessageStands(Noun):
    """A message to people, and what became of it."""

    outgoing: Outgoing
    """The message, its route and when it is due."""
    state: str
    """waiting, sent, given-up or not-needed."""
    settled: datetime | None
    """When it was sent or given up, UTC."""
    note: str
    """Why it failed last, or what was left out."""


class RouteShown(Noun):
    """A route, without its secrets."""

    name: str
    """What people call it."""
    channel: str
    """The product or protocol."""
    place: str
    """Where it leads, as far as that may be shown."""
    level: str
    """Incidents of this severity and above."""
    details: str
    """How much it says."""


class Tried(Noun):
    """A try of a route."""

    sent: bool
    """Whether it was taken."""
    why: str
    """Where it went, or why it was not taken."""


class TakenCareOf(Noun):
    """Somebody takes care of an incident."""

    incident: str
    """Its id."""
    by: str
    """Who does."""
    time: datetime
    """Since when, UTC."""


@router.get("/messages")
def messages(
    the: The, who: Viewer, incident: Annotated[str, Query(max_length=64)] = "", most: Annotated[int, Query(ge=1, le=500)] = 100
) -> tuple[MessageStands, ...]:
    """List what people were told, are told later, or could not be told, the newest first."""
    return tuple(_stands(one) for one in the.stores(who.tenant).messages(incident, most))


@router.post("/incidents/{incident}/acknowledge")
def acknowledge(the: The, who: Analyst, incident: IncidentId) -> TakenCareOf:
    """Say that you take care of an incident: nobody further is told of it until something new is known."""
    store, now = the.stores(who.tenant), the.clock()
    if store.live_incident(incident) is None:
        raise HTTPException(404, f"there is no incident {incident!r}")
    store.acknowledge(incident, who.name, now)
    return TakenCareOf(incident=incident, by=who.name, time=now)


@router.get("/notify/routes")
def routes(the: The, who: Admin) -> tuple[RouteShown, ...]:
    """List the routes by which messages go, those of your tenant and those of all."""
    return tuple(
        RouteShown(name=one.name, channel=one.to.channel, place=place(one), level=one.level, details=one.details)
        for one in _routes(the).routes
        if _is_theirs(who, one.tenants)
    )


@router.post("/notify/routes/{name}/test")
def test(the: The, who: Admin, name: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]) -> Tried:
    """Send a message that says it is a try by a route at once."""
    every = _routes(the)
    route = every.named(name)
    if route is None or not _is_theirs(who, route.tenants):
        raise HTTPException(404, f"there is no route {name!r}")
    try:
        return Tried(sent=True, why=try_route(every, name, the.clock()))
    except NotSentError as error:
        return Tried(sent=False, why=str(error))


def _is_theirs(who: Principal, tenants: tuple[str, ...]) -> bool:
    """Say whether an admin of one tenant may see a route: one that serves it alone, or any for who may do so everywhere."""
    return who.may("admin", EVERY_TENANT) or tenants == (who.tenant,)


def _routes(the: The) -> Routes:
    try:
        return read_routes(the.state / FILE)
    except (OSError, ValueError) as error:
        raise HTTPException(409, f"routes cannot be read: {error}") from error


def _stands(kept: MessageKept) -> MessageStands:
    return MessageStands(outgoing=kept.outgoing, state=kept.state, settled=kept.settled, note=kept.note)
