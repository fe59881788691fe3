"""Reaching a server: TLS that is verified, in clear on this machine alone, and an end to every conversation. Owns no protocol."""

import socket
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Timer
from typing import Annotated, Literal

from pydantic import Field

Tls = Literal["tls", "starttls", "none"]
"""TLS from the first byte; after STARTTLS; none, which is for a server on this machine."""
ServerName = Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]{1,255}$")]
Login = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,512}$")]
Certificates = Annotated[str, Field(pattern=r"^(/.*)?$")]
"""File with the certificates that are trusted, in PEM; empty: those of the system."""
Seconds = Annotated[int, Field(ge=1, le=120)]
"""How long one conversation may take."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def refuse_in_clear(server: str, tls: Tls) -> None:
    """Refuse a server that passwords would reach in clear.

    Raises:
        ValueError: it has no TLS and is not on this machine.
    """
    if tls == "none" and server not in _LOOPBACK:
        raise ValueError(f"{server!r} would be told passwords in clear; use tls: tls or starttls (none is for this machine alone)")


def verifying(certificates: str) -> ssl.SSLContext:
    """Give what verifies a server and its name.

    Raises:
        ValueError: the file with certificates cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=certificates or None)
    except OSError as error:
        raise ValueError(f"the certificates in {Path(certificates).name!r} cannot be used: {error.strerror or 'no PEM'}") from error


@contextmanager
def ended_after(seconds: float, connection: Callable[[], socket.socket | None]) -> Generator[Event]:
    """Cut a conversation off after some seconds, however steadily the other side drips; the event says that it was."""
    late = Event()

    def cut_off() -> None:
        late.set()
        found = connection()
        if found is not None:
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, cut_off)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
