"""The door for clients of Splunk's HTTP Event Collector. Owns its paths, answers and error codes; numbers of acknowledgements: `hec_acks`.

An event is kept with its envelope (time, host, source, sourcetype, fields), a raw line as it is, or in an envelope if the client names its
host, source or sourcetype. A body is kept whole or not at all.
Source: Splunk, "HTTP Event Collector REST API endpoints" and "Troubleshoot HTTP Event Collector", error codes.
"""

import io
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

import msgspec

from watchkeeper.ingest.jsonstream import Record, records
from watchkeeper.ingest.listeners.exchange import Answer, Desk, Exchange, Request, TurnedAwayError, Why
from watchkeeper.ingest.listeners.hec_acks import MOST_CHANNEL_CHARS
from watchkeeper.ingest.listeners.one_line import lines_of, one_line
from watchkeeper.ingest.text_lines import text
from watchkeeper.model.received import Listener

LISTENER: Final[Listener] = "hec"
MOST_ASKED = 10_000
"""Acknowledgements that may be asked for at once."""
MOST_NAME_CHARS = 256
_NAMED = ("host", "source", "sourcetype", "time")
_NO_DATA, _NO_CHANNEL, _BAD_CHANNEL, _NO_EVENT, _BLANK_EVENT = 5, 10, 11, 12, 13
_TEXTS = {
    2: "Token is required",
    3: "Invalid authorization",
    4: "Invalid token",
    _NO_DATA: "No data",
    6: "Invalid data format",
    9: "Server is busy",
    _NO_CHANNEL: "Data channel is missing",
    _BAD_CHANNEL: "Invalid data channel",
    _NO_EVENT: "Event field is required",
    _BLANK_EVENT: "Event field cannot be blank",
}
_CODES: Mapping[Why, tuple[int, int]] = {
    "no_token": (401, 2),
    "wrong_token": (403, 4),
    "busy": (503, 9),
    "too_large": (413, 27),
    "slow": (408, 28),
    "malformed": (400, 6),
    "unknown_path": (404, 404),
    "wrong_method": (405, 405),
}


class _Envelope(msgspec.Struct):
    event: msgspec.Raw


_envelope = msgspec.json.Decoder(_Envelope)
_BLANK = (b"null", b'""')


class HecError(TurnedAwayError):
    """A refusal for which Splunk has a code of its own."""

    def __init__(self, code: int, number: int | None = None) -> None:
        """Take the code, and which event of the body it is about, from 0."""
        super().__init__("malformed", _TEXTS[code])
        self.code = code
        self.number = number


def turned_away(error: TurnedAwayError, request: Request) -> Answer:
    """Say a refusal in Splunk's words."""
    status, code = _CODES[error.why]
    said: dict[str, str | int] = {"text": _TEXTS.get(code, str(error)), "code": code}
    if isinstance(error, HecError):
        said = {"text": str(error), "code": error.code}
        if error.number is not None:
            said["invalid-event-number"] = error.number
    elif error.why == "wrong_token" and not request.headers["authorization"].lower().startswith(("splunk ", "basic ", "bearer ")):
        status, said = 401, {"text": _TEXTS[3], "code": 3}
    headers = {"Retry-After": str(error.retry_after_seconds)} if error.retry_after_seconds else {}
    return Answer(status, msgspec.json.encode(said), headers=headers)


def health(desk: Desk, request: Request) -> Answer | None:
    """Say whether records are taken in, to whoever asks: load balancers have no token."""
    if request.method not in {"GET", "HEAD"} or request.segments[:3] != ("services", "collector", "health"):
        return None
    if time.monotonic() < desk.busy_until:
        return Answer(503, b'{"text":"HEC is unhealthy, queues are full","code":18}', headers={"Retry-After": "1"})
    return Answer(200, b'{"text":"HEC is healthy","code":17}')


async def answer(exchange: Exchange) -> Answer:
    """Keep events or lines, or say what was kept."""
    request = exchange.request
    what = "/".join(request.segments[1:])
    taken = _TAKEN.get(what.removesuffix("/1.0"))
    if taken is None:
        raise TurnedAwayError("unknown_path", f"nothing stands at '/services/{what[:100]}'")
    if request.method != "POST":
        raise TurnedAwayError("wrong_method", f"{request.method} is not for this path; use POST")
    channel = request.headers.get("x-splunk-request-channel", "") or request.query.get("channel", "")
    if len(channel) > MOST_CHANNEL_CHARS:
        raise HecError(_BAD_CHANNEL)
    return await taken(exchange, channel)


async def _events(exchange: Exchange, channel: str) -> Answer:
    body = await exchange.body()
    return await _kept(exchange, channel, len(body), _envelopes(body))


async def _raw(exchange: Exchange, channel: str) -> Answer:
    query = exchange.request.query
    named = {name: query[name][:MOST_NAME_CHARS] for name in _NAMED if query.get(name)}
    body = await exchange.body()
    lines = lines_of(body)
    if named:
        encode = msgspec.json.Encoder().encode
        lines = (encode({"event": text(line), **named}) for line in lines)
    return await _kept(exchange, channel, len(body), lines)


async def _kept(exchange: Exchange, channel: str, size: int, lines: Iterator[bytes]) -> Answer:
    found = await exchange.apart(size, lambda: exchange.gathered(lines))
    if not found.number:
        raise HecError(_NO_DATA)
    await exchange.keep(found)
    said: dict[str, str | int] = {"text": "Success", "code": 0}
    if channel:
        said["ackId"] = exchange.desk.acks.give(exchange.sender.id, channel)
    return Answer(200, msgspec.json.encode(said))


def _envelopes(body: bytes) -> Iterator[bytes]:
    """Yield each event of a body on one line.

    Raises:
        HecError: one is none; nothing of the body may be kept then.
    """
    found = _plain(body)
    yield from _each(body) if found is None else found


def _plain(body: bytes) -> list[bytes] | None:
    """Cut a body as nearly all are, at what stands between objects; none where that cuts through one, or anything is wrong.

    No object begins with another whole one, so where every piece is an object, these are the objects.
    """
    whole = body.strip().replace(b"}\r\n{", b"}{").replace(b"}\n{", b"}{")
    if not (whole.startswith(b"{") and whole.endswith(b"}")) or b"\n" in whole or b"\r" in whole:
        return None
    pieces = [b"{%b}" % piece for piece in whole[1:-1].split(b"}{")]
    try:
        blank = any(bytes(_envelope.decode(piece).event) in _BLANK for piece in pieces)
    except (ValueError, RecursionError):
        return None
    return None if blank else pieces


def _each(body: bytes) -> Iterator[bytes]:
    for number, one in enumerate(records(io.BytesIO(body))):
        if not isinstance(one, Record):
            raise HecError(6, number)
        if "event" not in one.value:
            raise HecError(_NO_EVENT, number)
        if one.value["event"] in ("", None):
            raise HecError(_BLANK_EVENT, number)
        yield one_line(one)


async def _acks(exchange: Exchange, channel: str) -> Answer:
    if not channel:
        raise HecError(_NO_CHANNEL)
    try:
        asked = msgspec.json.decode(await exchange.body(), type=dict[str, list[int]])["acks"][:MOST_ASKED]
    except (ValueError, KeyError, RecursionError) as error:
        raise HecError(6) from error
    return Answer(200, msgspec.json.encode({"acks": exchange.desk.acks.known(exchange.sender.id, channel, asked)}))


_TAKEN: Mapping[str, Callable[[Exchange, str], Awaitable[Answer]]] = {
    "collector": _events,
    "collector/event": _events,
    "collector/raw": _raw,
    "collector/ack": _acks,
}
