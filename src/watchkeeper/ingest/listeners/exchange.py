"""One HTTP request of a shipper. Owns reading its body within bounds and handing records over; doors own what bodies mean."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, unquote

from watchkeeper.ingest.listeners.counts import Counts
from watchkeeper.ingest.listeners.hec_acks import Acks
from watchkeeper.ingest.listeners.unpack import DamagedError, TooLargeError, unpack
from watchkeeper.model.received import Accept, Listener, Received, Recognise, RefusedError
from watchkeeper.model.sender import Sender

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

Why = Literal["no_token", "wrong_token", "busy", "too_large", "slow", "malformed", "unknown_path", "wrong_method"]
JSON = "application/json"
_INLINE_BYTES = 32_768
"""What is larger is inflated, or taken apart, beside the event loop."""
_WORK_AT_ONCE = 2


class TurnedAwayError(Exception):
    """Nothing of the request was kept; the door tells its sender in its own words."""

    def __init__(self, why: Why, reason: str, retry_after_seconds: int = 0) -> None:
        """Take which kind of refusal it is, why, for people, and when it is worth trying again."""
        super().__init__(reason)
        self.why: Why = why
        self.retry_after_seconds = retry_after_seconds


class GoneError(Exception):
    """The client left before its body was whole; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, and all of them together, may take."""

    body_bytes: int = 64 * 1024 * 1024
    """A body as it comes."""
    inflated_bytes: int = 128 * 1024 * 1024
    """A body without its compression."""
    in_flight_bytes: int = 384 * 1024 * 1024
    """Bodies of all requests that are not answered yet."""
    records: int = 100_000
    """Records of one body."""
    idle_seconds: float = 15
    """How long a client may send nothing."""
    body_seconds: float = 120
    """How long a body may take in all."""


@dataclass(slots=True)
class Desk:
    """What all doors share: who keeps, who knows the senders, and what is in flight."""

    accept: Accept
    recognise: Recognise
    counts: Counts = field(default_factory=Counts)
    limits: Limits = field(default_factory=Limits)
    in_flight_bytes: int = 0
    busy_until: float = 0
    """Until when, by the monotonic clock, what keeps records said it is full."""
    acks: Acks = field(default_factory=Acks)
    """Which numbers Splunk's clients were given."""
    working: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_WORK_AT_ONCE))


class Answer(NamedTuple):
    """What is answered."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = {}
    broken_off: bool = False
    """Whether the connection is closed before the answer is whole, for a client that understands nothing else as a failure."""


class Records(NamedTuple):
    """What a body held."""

    body: bytes
    """Each ended by one line feed."""
    number: int
    ids: tuple[str, ...] = ()
    malformed: int = 0
    """What was none and is not among them."""


@dataclass
class Request:
    """The head of a request, as it came."""

    scope: Message
    receive: Receive

    @property
    def method(self) -> str:
        """The method, in capitals."""
        return str(self.scope["method"])

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The path beneath where the doors are mounted, without empty parts."""
        path, mounted = bytes(self.scope["raw_path"]).decode("latin-1"), str(self.scope.get("root_path", ""))
        return tuple(unquote(part, errors="replace") for part in path.removeprefix(mounted).split("/") if part)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The first value of each parameter."""
        try:
            found = parse_qs(
                bytes(self.scope.get("query_string", b"")).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=64
            )
        except ValueError as error:
            raise TurnedAwayError("malformed", "the query has more than 64 parameters") from error
        return {name: values[0] for name, values in found.items()}

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """Headers by their names in small letters."""
        return {bytes(name).decode("latin-1").lower(): bytes(value).decode("latin-1") for name, value in self.scope["headers"]}

    @property
    def peer(self) -> str:
        """The address it came from."""
        client = self.scope.get("client")
        return str(client[0]) if client else ""


@dataclass
class Exchange:
    """A request whose sender is known."""

    door: Listener
    desk: Desk
    request: Request
    sender: Sender
    held_bytes: int = 0
    """What of the bytes in flight is its own."""

    async def body(self) -> bytes:
        """Read the whole body and take its compression off.

        Raises:
            TurnedAwayError: it is too large, too slow, damaged, or there is too much in flight.
            GoneError: the client left.
        """
        limits = self.desk.limits
        told = self.request.headers.get("content-length", "")
        if told.isdecimal() and int(told[:20]) > limits.body_bytes:
            raise _too_large(limits)
        body = await self._read()
        encoding = self.request.headers.get("content-encoding", "")
        if not encoding or encoding == "identity":
            return body
        try:
            inflated = await self._inflate(body, encoding)
        except DamagedError as error:
            raise TurnedAwayError("malformed", str(error)) from error
        except TooLargeError as error:
            raise TurnedAwayError("too_large", str(error)) from error
        self._hold(len(inflated))
        return inflated

    async def _read(self) -> bytes:
        limits, loop = self.desk.limits, asyncio.get_running_loop()
        end = loop.time() + limits.body_seconds
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout_at(end) as patience:
                while True:
                    patience.reschedule(min(end, loop.time() + limits.idle_seconds))
                    message = await self.request.receive()
                    if message["type"] != "http.request":
                        raise GoneError
                    piece = bytes(message.get("body", b""))
                    size += len(piece)
                    if size > limits.body_bytes:
                        raise _too_large(limits)
                    self._hold(len(piece))
                    pieces.append(piece)
                    if not message.get("more_body", False):
                        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
        except TimeoutError as error:
            raise TurnedAwayError("slow", "the body came too slowly") from error

    async def _inflate(self, body: bytes, encoding: str) -> bytes:
        if len(body) <= _INLINE_BYTES:
            return unpack(body, encoding, self.desk.limits.inflated_bytes)
        async with self.desk.working:
            return await asyncio.to_thread(unpack, body, encoding, self.desk.limits.inflated_bytes)

    def _hold(self, size: int) -> None:
        if self.desk.in_flight_bytes + size > self.desk.limits.in_flight_bytes:
            raise TurnedAwayError("busy", "too much is being received at once", 1)
        self.desk.in_flight_bytes += size
        self.held_bytes += size

    def release(self) -> None:
        """Give back what it held in flight."""
        self.desk.in_flight_bytes -= self.held_bytes
        self.held_bytes = 0

    async def keep(self, records: Records) -> None:
        """Return when the records are on disk, at once if there are none; count them.

        Raises:
            TurnedAwayError: they were refused; nothing of them was kept.
        """
        counts, who = self.desk.counts, self.sender.id
        counts.add(self.door, who, "malformed", records.malformed)
        if not records.number:
            return
        when = time.time_ns() // 1000
        received = Received(self.sender, self.door, self.request.peer, when, records.body, records.number, records.ids)
        try:
            await self.desk.accept(received)
        except RefusedError as error:
            counts.add(self.door, who, "refused", records.number)
            self.desk.busy_until = time.monotonic() + error.retry_after_seconds
            raise TurnedAwayError("busy", str(error), max(1, error.retry_after_seconds)) from error
        counts.add(self.door, who, "records", records.number)
        counts.add(self.door, who, "bytes", len(records.body))

    async def apart(self, size: int, work: Callable[[], Records]) -> Records:
        """Do the work of a large body beside the event loop, that of a small one at once."""
        if size <= _INLINE_BYTES:
            return work()
        async with self.desk.working:
            return await asyncio.to_thread(work)

    def gathered(self, lines: Iterable[bytes], ids: Iterable[str] = ()) -> Records:
        """Join lines, as far as one request may have and become so many.

        Raises:
            TurnedAwayError: they are too many, or too long in all.
        """
        found: list[bytes] = []
        size = 0
        for line in lines:
            found.append(line)
            size += len(line) + 1
            self.check_count(len(found))
            if size > self.desk.limits.inflated_bytes:
                raise TurnedAwayError(
                    "too_large", f"the records become more than {self.desk.limits.inflated_bytes:,} bytes; send smaller batches"
                )
        found.append(b"")
        return Records(b"\n".join(found), len(found) - 1, tuple(ids))

    def check_count(self, count: int) -> None:
        """Refuse a body with more records than one may have.

        Raises:
            TurnedAwayError: there are too many.
        """
        if count > self.desk.limits.records:
            raise TurnedAwayError("too_large", f"more than {self.desk.limits.records:,} records in one request; send smaller batches")


def _too_large(limits: Limits) -> TurnedAwayError:
    return TurnedAwayError("too_large", f"the body is larger than {limits.body_bytes:,} bytes; send smaller batches")
