"""`/api/changes` and `/api/events`: what became otherwise, asked for or listened to."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from watchkeeper.api.guard import Bearer, allowed
from watchkeeper.api.listening import Ear, Listeners
from watchkeeper.api.seat import REFUSALS, Responses, Viewing
from watchkeeper.autopilot.changes import changes_after
from watchkeeper.model.changed import ChangesTold
from watchkeeper.model.page import MOST

router = APIRouter(prefix="/api", tags=["changes"], responses=REFUSALS)
_LARGEST = (1 << 62) - 1
_STREAM: Responses = {
    200: {
        "description": "A stream of events: `id` is the number of the change, `event` its kind, `data` a `ChangeTold` as JSON. "
        "`missed` says that some changes are no longer known, `ended` that one may not listen any more.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": "id: 7\nevent: incident\ndata: {…}\n\n"}},
    }
}
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_listening = allowed("viewer")
Number = Annotated[int, Query(ge=0, le=_LARGEST, description="Number of the last change that is known; 0 for all that are kept.")]
LastId = Annotated[str, Header(max_length=20, pattern=r"^\d*$", description="Number of the last known change; default: only what comes.")]


def _listeners(request: Request) -> Listeners:
    return cast("Listeners", request.app.state.listeners)


@router.get("/changes", summary="What changed")
def changes(seat: Viewing, after: Number = 0, limit: Annotated[int, Query(ge=1, le=MOST)] = 100) -> ChangesTold:
    """Give what became otherwise after a change, the oldest first."""
    return changes_after(seat.desk.store, after, limit)


@router.get("/events", summary="Listen to changes", response_class=StreamingResponse, responses=_STREAM)
async def events(
    request: Request,
    seat: Viewing,
    bearer: Bearer,
    listeners: Annotated[Listeners, Depends(_listeners)],
    last_event_id: LastId = "",
) -> StreamingResponse:
    """Be told of what becomes otherwise as it does, from the change after `Last-Event-ID` on."""

    def may() -> bool:
        try:
            _listening(request, seat.the, bearer, None, seat.who.tenant)
        except HTTPException:
            return False
        return True

    listeners.refuse_too_many(seat.who.name)
    after = min(int(last_event_id), _LARGEST) if last_event_id else listeners.newest(seat.desk.store)
    ear = Ear(seat.who.name, seat.desk.store, after, may)
    return StreamingResponse(listeners.stream(ear), media_type="text/event-stream", headers=_HEADERS)
