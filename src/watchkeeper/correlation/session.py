"""Cutting each host's signals at pauses into sessions. Owns the cut and the sessions' ids; what they are worth stands in `score`."""

from dataclasses import dataclass
from hashlib import blake2b

from watchkeeper.correlation.columns import Arranged

PAUSE_SECONDS = 3600
"""A session ends when its host is silent for so long."""
LONGEST_SECONDS = 7200
"""A session takes in no signal later than this after its first."""

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """A session before it is scored."""

    id: str
    place: str
    """Where its signals are filed, as `kind:value`."""
    start: int | None
    """µs; none for signals without a time, which make a session of their own for each place."""
    end: int | None

    @property
    def host(self) -> str:
        """The host; empty if the signals name none."""
        kind, _, value = self.place.partition(":")
        return value if kind == "host" else ""


def cut(arranged: Arranged) -> tuple[list[Span], list[int]]:
    """Give the sessions by start, and for each signal the position of its session."""
    running: dict[int, int] = {}
    starts: list[int | None] = []
    ends: list[int | None] = []
    places: list[int] = []
    session_of: list[int] = []
    for place, time in zip(arranged.places.codes, arranged.times, strict=True):
        session = running.get(place)
        if session is None or _over(starts[session], ends[session], time):
            session = running[place] = len(starts)
            starts.append(time)
            ends.append(time)
            places.append(place)
        ends[session] = time
        session_of.append(session)
    names = arranged.places.names
    spans = [
        Span(digest(names[place], str(start)), names[place], start, end) for place, start, end in zip(places, starts, ends, strict=True)
    ]
    return spans, session_of


def _over(start: int | None, end: int | None, time: int | None) -> bool:
    """Say whether a signal at this time no longer belongs to the session."""
    if start is None or end is None or time is None:
        return start != time
    return time - end > PAUSE_SECONDS * _MICRO or time - start > LONGEST_SECONDS * _MICRO


def digest(*parts: str) -> str:
    """Give a stable id for these parts, 32 hex digits."""
    hashed = blake2b(digest_size=16)
    for part in parts:
        hashed.update(part.encode())
        hashed.update(b"\x00")
    return hashed.hexdigest()
