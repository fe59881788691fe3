"""Channel: one way to tell people. Owns the shape of a channel and how sending fails; each channel is a file of its name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from watchkeeper.model.message import Message
from watchkeeper.model.noun import Noun
from watchkeeper.settings.references import Reveal

T = TypeVar("T", bound=Noun)


class NotSentError(Exception):
    """A message was not taken; what is said of it names no secret."""

    def __init__(self, why: str, *, final: bool = False, retry_after_seconds: int = 0) -> None:
        """Take the reason, whether trying again is of no use, and when the other side wants to be asked again."""
        super().__init__(why)
        self.final = final
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Sending:
    """What sending may ask for."""

    reveal: Reveal
    now: datetime


@dataclass(frozen=True, slots=True)
class Channel(Generic[T]):
    """One product or protocol that takes messages."""

    name: str
    target: type[T]
    """What a route has to say to use it."""
    send: Callable[[Message, T, Sending], str]
    """Hands a message over, and says what was left out, empty if nothing; raises `NotSentError`."""
    place: Callable[[T], str]
    """Says where it goes, without secrets."""
