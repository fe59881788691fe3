"""Syslog over TCP, and over TLS. Owns connections; a peer is not read while what it sent waits to be kept: nothing is dropped.

Source: RFC 6587, RFC 5425.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable

from watchkeeper.ingest.listeners.syslog_frames import Frames
from watchkeeper.ingest.listeners.syslog_intake import LISTENER, Intake, plain_address
from watchkeeper.model.received import RefusedError
from watchkeeper.model.sender import Sender

_READ_BYTES = 65_536
_HANDSHAKE_SECONDS = 10


class Connections:
    """A listening socket and the connections made to it."""

    def __init__(self, intake: Intake) -> None:
        """Take who keeps and who is known; it listens once it is opened."""
        self._intake = intake
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        """Listen from now on.

        Raises:
            OSError: the address can't be had.
        """
        patience = None if context is None else _HANDSHAKE_SECONDS
        self._server = await asyncio.start_server(
            self._connected, host, port, ssl=context, ssl_handshake_timeout=patience, limit=_READ_BYTES
        )

    @property
    def port(self) -> int:
        """The port that it listens on; 0 while it does not."""
        return 0 if self._server is None else int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Listen no longer, hand over what was read, and close every connection."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._open):
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = plain_address(str((writer.get_extra_info("peername") or ("",))[0]))
        sender = self._intake.of_peer(peer)
        task = asyncio.current_task()
        if sender is None or task is None or len(self._open) >= self._intake.limits.connections:
            self._intake.counts.add(LISTENER, sender.id if sender else "", "turned_away" if sender else "unknown")
            writer.transport.abort()
            return
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        _keep_alive(writer)
        try:
            await _Connection(self._intake, sender, peer, reader).serve()
        finally:
            writer.transport.abort()


class _Connection:
    """One peer's messages, from reading them to their being kept."""

    def __init__(self, intake: Intake, sender: Sender, peer: str, reader: asyncio.StreamReader) -> None:
        self._intake, self._sender, self._peer, self._reader = intake, sender, peer, reader
        self._frames = Frames(intake.limits.message_bytes)
        self._waiting: list[bytes] = []
        self._size = 0
        self._counted = 0
        self._due: float = 0
        """When what waits is handed over, by the clock of the loop."""

    async def serve(self) -> None:
        """Read until the peer or the listener ends it, and keep all that was read."""
        try:
            while (piece := await self._piece()) and self._is_known():
                self._take(self._frames.feed(piece))
                if len(self._waiting) >= self._intake.limits.messages or self._size >= self._intake.limits.gathered_bytes:
                    await self._keep()
            self._take(filter(None, (self._frames.end(),)))
            await self._keep()
        except asyncio.CancelledError:
            await self._keep_last()
            raise

    async def _piece(self) -> bytes:
        """Give what comes next, keeping what has waited long enough; empty at the end, also where a peer went without a word."""
        while True:
            try:
                async with asyncio.timeout_at(self._due if self._waiting else None):
                    try:
                        return await self._reader.read(_READ_BYTES)
                    except OSError:
                        return b""
            except TimeoutError:
                await self._keep()

    def _is_known(self) -> bool:
        """Say whether the peer may still send; people may have switched its sender off, or changed it."""
        sender = self._intake.of_peer(self._peer)
        if sender is None:
            self._intake.counts.add(LISTENER, self._sender.id, "unknown")
            return False
        self._sender = sender
        return True

    def _take(self, messages: Iterable[bytes]) -> None:
        for message in messages:
            if not self._waiting:
                self._due = asyncio.get_running_loop().time() + self._intake.limits.wait_seconds
            self._waiting.append(message)
            self._size += len(message)
        if self._frames.cut > self._counted:
            self._intake.counts.add(LISTENER, self._sender.id, "cut", self._frames.cut - self._counted)
            self._counted = self._frames.cut

    async def _keep(self) -> None:
        """Return when all that waits is on disk, however often that takes asking."""
        while self._waiting:
            try:
                await self._intake.keep(self._sender, self._peer, self._waiting)
            except RefusedError as error:
                self._intake.counts.add(LISTENER, self._sender.id, "refused", len(self._waiting))
                await asyncio.sleep(max(error.retry_after_seconds, self._intake.limits.wait_seconds))
            else:
                self._waiting, self._size = [], 0

    async def _keep_last(self) -> None:
        """Keep what was read before the listener stops; what can't be kept in time is counted as dropped."""
        self._take(filter(None, (self._frames.end(),)))
        try:
            # In a task that is being cancelled, `asyncio.timeout` of the first Pythons 3.11 raises no TimeoutError.
            await asyncio.wait_for(self._keep(), self._intake.limits.closing_seconds)
        except TimeoutError:
            self._intake.counts.add(LISTENER, self._sender.id, "dropped", len(self._waiting))


async def listen_tcp(intake: Intake, host: str, port: int, context: ssl.SSLContext | None = None) -> Connections:
    """Listen, over TLS if a context is given; port 0 is any free one.

    Raises:
        OSError: the address can't be had.
    """
    found = Connections(intake)
    await found.open(host, port, context)
    return found


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Let the system find out that a peer is gone; syslog itself never says so."""
    taken = writer.get_extra_info("socket")
    if taken is not None:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
