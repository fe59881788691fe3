"""Syslog over UDP. Owns the socket, and that every datagram is handed over or counted as dropped; nobody can be told to wait here.

Source: RFC 5426.
"""

import asyncio
import socket
import struct
from dataclasses import dataclass, field

from watchkeeper.ingest.listeners.syslog_frames import one_message
from watchkeeper.ingest.listeners.syslog_intake import LISTENER, Intake, plain_address
from watchkeeper.model.received import RefusedError
from watchkeeper.model.sender import Sender

_BUFFER_BYTES = 32 * 1024 * 1024
_MOST_DATAGRAM_BYTES = 65_535
_AT_ONCE = 512
"""Datagrams that are read before others have their turn."""
_SO_RCVBUFFORCE, _SO_MEMINFO = 33, 55
_MEMINFO = struct.Struct("=9I")
_DROPS = 8


@dataclass(slots=True)
class _Pile:
    """What one peer sent lately."""

    sender: Sender
    messages: list[bytes] = field(default_factory=list[bytes])
    size: int = 0


class Datagrams:
    """A socket that is read while it is open."""

    def __init__(self, taken: socket.socket, intake: Intake) -> None:
        """Take a bound socket that doesn't block."""
        self._socket, self._intake, self._limits = taken, intake, intake.limits
        self._loop = asyncio.get_running_loop()
        self._room = bytearray(_MOST_DATAGRAM_BYTES)
        self._view = memoryview(self._room)
        self._known: dict[str, Sender | None] = {}
        self._piles: dict[str, _Pile] = {}
        self._held_bytes = 0
        self._lost = lost_by_kernel(taken) or 0
        self._keeping: set[asyncio.Task[None]] = set()
        self._loop.add_reader(taken.fileno(), self._read)
        self._timer = self._loop.call_later(self._limits.wait_seconds, self._tick)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._socket.getsockname()[1])

    async def close(self) -> None:
        """Read what has come, hand it over, and stop."""
        self._loop.remove_reader(self._socket.fileno())
        self._timer.cancel()
        self._read()
        self._hand_over()
        if self._keeping:
            await asyncio.wait(self._keeping, timeout=self._limits.closing_seconds)
        for task in self._keeping:
            task.cancel()
        self._socket.close()

    def _tick(self) -> None:
        self._timer = self._loop.call_later(self._limits.wait_seconds, self._tick)
        lost = lost_by_kernel(self._socket)
        if lost is not None:
            self._intake.counts.add(LISTENER, "", "dropped", (lost - self._lost) & 0xFFFF_FFFF)
            self._lost = lost
        self._hand_over()

    def _hand_over(self) -> None:
        piles, self._piles = self._piles, {}
        self._known.clear()
        for peer, pile in piles.items():
            self._keep(peer, pile)

    def _read(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                size, address = self._socket.recvfrom_into(self._room)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # an error that the network reported of something sent: there is nothing to read in it
                continue
            self._take(bytes(self._view[:size]), plain_address(str(address[0])))

    def _take(self, datagram: bytes, peer: str) -> None:
        counts, limits = self._intake.counts, self._limits
        sender = self._known[peer] if peer in self._known else self._known.setdefault(peer, self._intake.of_peer(peer))
        if sender is None:
            counts.add(LISTENER, "", "unknown")
            return
        message = one_message(datagram[: limits.message_bytes])
        if len(datagram) > limits.message_bytes:
            counts.add(LISTENER, sender.id, "cut")
        if not message:
            return
        if self._held_bytes + len(message) > limits.held_bytes:
            counts.add(LISTENER, sender.id, "dropped")
            return
        pile = self._piles.get(peer)
        if pile is None:
            pile = self._piles[peer] = _Pile(sender)
        pile.messages.append(message)
        pile.size += len(message)
        self._held_bytes += len(message)
        if len(pile.messages) >= limits.messages or pile.size >= limits.gathered_bytes:
            self._keep(peer, self._piles.pop(peer))

    def _keep(self, peer: str, pile: _Pile) -> None:
        task = self._loop.create_task(self._kept(peer, pile))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _kept(self, peer: str, pile: _Pile) -> None:
        try:
            await self._intake.keep(pile.sender, peer, pile.messages)
        except RefusedError:
            self._intake.counts.add(LISTENER, pile.sender.id, "dropped", len(pile.messages))
        finally:
            self._held_bytes -= pile.size


def listen_udp(intake: Intake, host: str, port: int) -> Datagrams:
    """Bind a socket and read it from now on; port 0 is any free one.

    Raises:
        OSError: the address can't be had.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    taken = socket.socket(family, kind, protocol)
    try:
        _enlarge(taken)
        taken.settimeout(0)
        taken.bind(address)
    except OSError:
        taken.close()
        raise
    return Datagrams(taken, intake)


def _enlarge(taken: socket.socket) -> None:
    """Ask for a large buffer, beyond the system's limit where we may."""
    try:
        taken.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
    except OSError:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)


def lost_by_kernel(taken: socket.socket) -> int | None:
    """Give how many datagrams the system dropped because the buffer was full; none where it does not say.

    Source: Linux, `sock_diag(7)`, SK_MEMINFO_DROPS.
    """
    try:
        return int(_MEMINFO.unpack(taken.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size))[_DROPS])
    except (OSError, struct.error):
        return None
