"""What syslog's ways in share: who may send, what may be held, and handing messages over. Sockets are `syslog_udp`'s and `syslog_tcp`'s."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from watchkeeper.ingest.listeners.counts import Counts
from watchkeeper.ingest.listeners.syslog_frames import MOST_BYTES
from watchkeeper.model.received import Accept, Listener, Received
from watchkeeper.model.sender import Sender

LISTENER: Final[Listener] = "syslog"
OfPeer = Callable[[str], Sender | None]
"""Give the sender in whose networks an address is; none if it is in nobody's."""


@dataclass(frozen=True, slots=True)
class SyslogLimits:
    """What is gathered, and what may be held."""

    message_bytes: int = MOST_BYTES
    messages: int = 1_000
    """So many messages of one peer are handed over without waiting for more."""
    gathered_bytes: int = 1024 * 1024
    """So many bytes of one peer are handed over without waiting for more."""
    wait_seconds: float = 0.2
    """How long messages wait for more."""
    held_bytes: int = 64 * 1024 * 1024
    """Datagrams that wait or are being kept; beyond that they are dropped, and counted."""
    connections: int = 1_024
    """Connections at a time."""
    closing_seconds: float = 5
    """How long what was read is still handed over when the listener stops."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Who keeps what comes, and who is known."""

    accept: Accept
    of_peer: OfPeer
    counts: Counts = field(default_factory=Counts)
    limits: SyslogLimits = field(default_factory=SyslogLimits)

    async def keep(self, sender: Sender, peer: str, messages: Sequence[bytes]) -> None:
        """Return when messages are on disk, and count them.

        Raises:
            RefusedError: they were not kept.
        """
        body = b"\n".join((*messages, b""))
        await self.accept(Received(sender, LISTENER, peer, time.time_ns() // 1_000, body, len(messages)))
        self.counts.add(LISTENER, sender.id, "records", len(messages))
        self.counts.add(LISTENER, sender.id, "bytes", len(body))


def plain_address(address: str) -> str:
    """Give an address as people write it: an IPv4 one that came over IPv6 as IPv4, and without its interface."""
    bare = address.partition("%")[0]
    return bare[7:] if bare.startswith("::ffff:") and "." in bare else bare
