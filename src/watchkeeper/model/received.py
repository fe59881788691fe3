"""Received: what one sender handed over at once, as it came. Owns its shape and the refusal; who accepts and keeps it stands elsewhere."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from watchkeeper.model.sender import Sender

Listener = Literal["bulk", "hec", "otlp", "ndjson", "webhook", "syslog"]
"""The door it came through."""


@dataclass(frozen=True, slots=True)
class Received:
    """Records that were handed over together; they are accepted together or refused together."""

    sender: Sender
    listener: Listener
    peer: str
    """Address it came from."""
    time: int
    """When it came, µs since 1970, UTC."""
    body: bytes
    """The records, each ended by one line feed; no record holds one, or a carriage return before it."""
    records: int
    """How many records the body holds."""
    ids: tuple[str, ...] = ()
    """The sender's own id of each record, empty for one without; none at all if it gives none. What comes again under an id is the same."""


class RefusedError(Exception):
    """Nothing of this was kept, and its sender has to be told so."""

    def __init__(self, reason: str, retry_after_seconds: int) -> None:
        """Take why, for people, and when it is worth trying again."""
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


Accept = Callable[[Received], Awaitable[None]]
"""Keep what was received: returns when it is on disk, raises `RefusedError` when it is not and will not be."""
Recognise = Callable[[str], Sender | None]
"""Give the sender that a token belongs to; none if there is no such token, or it is switched off or expired."""
