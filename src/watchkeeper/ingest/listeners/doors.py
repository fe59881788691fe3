"""The doors on HTTP as one ASGI application. Owns which door a path leads to, and who is let in; each door owns its words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from watchkeeper.ingest.listeners import elastic, hec, ndjson, otlp, webhooks
from watchkeeper.ingest.listeners.exchange import (
    Answer,
    Application,
    Desk,
    Exchange,
    GoneError,
    Message,
    Receive,
    Request,
    Send,
    TurnedAwayError,
)
from watchkeeper.ingest.listeners.tokens import token_of
from watchkeeper.model.received import Listener, RefusedError
from watchkeeper.model.sender import Sender


@dataclass(frozen=True, slots=True)
class Door:
    """One way in."""

    listener: Listener
    answer: Callable[[Exchange], Awaitable[Answer]]
    turned_away: Callable[[TurnedAwayError, Request], Answer]
    """How it says a refusal."""
    open_answer: Callable[[Desk, Request], Answer | None] = lambda _desk, _request: None
    """What it answers without a token; none: only with one."""


_ELASTIC = Door(elastic.LISTENER, elastic.answer, elastic.turned_away)
_BY_FIRST = {
    "services": Door(hec.LISTENER, hec.answer, hec.turned_away, hec.health),
    "v1": Door(otlp.LISTENER, otlp.answer, otlp.turned_away),
    "ingest": Door(ndjson.LISTENER, ndjson.answer, ndjson.turned_away),
    "webhook": Door(webhooks.LISTENER, webhooks.answer, ndjson.turned_away),
}
"""Doors by the first part of their paths; Elasticsearch's has all others, since an index may be called as it likes."""


def doors(desk: Desk) -> Application:
    """Give the application that serves every door; the server keeps its own paths (`/api`, `/health`, …) away from it."""

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"the doors speak HTTP, not {scope['type']!r}")
        request = Request(scope, receive)
        door = _BY_FIRST.get(request.segments[0] if request.segments else "", _ELASTIC)
        try:
            answer = await _answer(door, desk, request)
        except GoneError:
            return
        await _send(answer, send, with_body=request.method != "HEAD")

    return application


async def _answer(door: Door, desk: Desk, request: Request) -> Answer:
    sender = None
    try:
        openly = door.open_answer(desk, request)
        if openly is not None:
            return openly
        sender = _sender(desk, request)
        exchange = Exchange(door.listener, desk, request, sender)
        try:
            return await door.answer(exchange)
        finally:
            exchange.release()
    except GoneError:
        desk.counts.add(door.listener, sender.id if sender else "", "turned_away")
        raise
    except TurnedAwayError as error:
        desk.counts.add(door.listener, sender.id if sender else "", "turned_away" if sender else "unknown")
        return door.turned_away(error, request)


def _sender(desk: Desk, request: Request) -> Sender:
    given = request.headers.get("authorization", "")
    if not given:
        raise TurnedAwayError("no_token", "a token is required")
    token = token_of(given)
    try:
        sender = desk.recognise(token) if token else None
    except RefusedError as error:
        raise TurnedAwayError("busy", str(error), max(1, error.retry_after_seconds)) from error
    if sender is None:
        raise TurnedAwayError("wrong_token", "no sender has this token, or it is switched off")
    return sender


async def _send(answer: Answer, send: Send, *, with_body: bool) -> None:
    size = len(answer.body) + answer.broken_off
    headers = {"content-type": answer.content_type, "content-length": str(size), **answer.headers}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    if answer.broken_off:
        return
    await send({"type": "http.response.body", "body": answer.body if with_body else b""})
