"""Syslog of the web process: its sockets, and whose networks they know. Owns opening and closing them; frames are the listeners'."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from watchkeeper.ingest.listeners.counts import Counts
from watchkeeper.ingest.listeners.syslog_intake import Intake
from watchkeeper.ingest.listeners.syslog_peers import by_networks
from watchkeeper.ingest.listeners.syslog_tcp import listen_tcp
from watchkeeper.ingest.listeners.syslog_udp import listen_udp
from watchkeeper.model.received import Accept
from watchkeeper.model.sender import Sender

KNOWN_SECONDS = 5.0
"""Networks of senders are read anew so often."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where syslog is listened for."""

    host: str = "127.0.0.1"
    plain: int | None = None
    """UDP and TCP; none: neither."""
    tls: int | None = None
    """TCP over TLS; none: not."""


class Peers:
    """The senders by the networks that they may send from, as they are now."""

    def __init__(self, senders: Callable[[], Iterable[Sender]]) -> None:
        """Take what gives every sender."""
        self._senders = senders
        self._of = by_networks(senders())

    def of(self, address: str) -> Sender | None:
        """Give the sender in whose networks an address is; none if it is in nobody's."""
        return self._of(address)

    async def follow(self) -> None:
        """Read the networks anew every so often; while the database does not answer, those before stay."""
        while True:
            await asyncio.sleep(KNOWN_SECONDS)
            try:
                self._of = by_networks(await asyncio.to_thread(self._senders))
            except (OSError, ValueError):
                continue


@asynccontextmanager
async def listening(ports: Ports, accept: Accept, peers: Peers, counts: Counts, context: ssl.SSLContext | None) -> AsyncGenerator[None]:
    """Listen until the block ends; then hand over what was read.

    Raises:
        OSError: a port cannot be had.
        ValueError: TLS is asked for without a certificate.
    """
    intake = Intake(accept, peers.of, counts)
    if ports.tls is not None and context is None:
        raise ValueError("syslog over TLS needs a certificate: set --certificate and --key")
    opened = [listen_udp(intake, ports.host, ports.plain), await listen_tcp(intake, ports.host, ports.plain)] if ports.plain else []
    if ports.tls is not None:
        opened.append(await listen_tcp(intake, ports.host, ports.tls, context))
    following = asyncio.create_task(peers.follow())
    try:
        yield
    finally:
        following.cancel()
        for one in opened:
            await one.close()
