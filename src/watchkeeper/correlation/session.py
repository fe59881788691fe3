"""Cutting each host's signals at pauses into sessions. Owns the cut and the sessions' ids; what they are worth stands in `score`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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


@dataclass(slots=True)
class Sessions:
    """The sessions that are still of interest, by number in the order in which they began."""

    spans: dict[int, Span]
    running: dict[str, int]
    """By place, the session that a signal with a time goes on with if it is not over."""
    untimed: dict[str, int]
    """By place, the session of signals without a time."""
    begun: int = 0
    """How many there ever were."""

    @classmethod
    def none(cls) -> "Sessions":
        """Give no sessions."""
        return cls({}, {}, {})

    def cut(self, arranged: Arranged) -> list[int]:
        """Take in signals that come after all before, and give for each the number of its session."""
        names = arranged.places.names
        running = [self.running.get(name) for name in names]
        untimed = [self.untimed.get(name) for name in names]
        starts = {number: self.spans[number].start or 0 for number in running if number is not None}
        ends = {number: self.spans[number].end or 0 for number in starts}
        pause, longest = PAUSE_SECONDS * _MICRO, LONGEST_SECONDS * _MICRO
        fresh: dict[int, tuple[str, int | None]] = {}
        session_of: list[int] = []
        for place, time in zip(arranged.places.codes, arranged.times, strict=True):
            number = running[place] if time is not None else untimed[place]
            if number is None or (time is not None and (time - ends[number] > pause or time - starts[number] > longest)):
                number = self._begin(names[place], time, fresh)
                if time is None:
                    untimed[place] = number
                else:
                    running[place], starts[number], ends[number] = number, time, time
            elif time is not None and time > ends[number]:
                ends[number] = time
            session_of.append(number)
        self._note(names, running, untimed, fresh)
        self.spans.update({number: replace(self.spans[number], end=end) for number, end in ends.items()})
        return session_of

    def _begin(self, place: str, time: int | None, fresh: dict[int, tuple[str, int | None]]) -> int:
        """Number a new session."""
        number, self.begun = self.begun, self.begun + 1
        fresh[number] = place, time
        return number

    def forget(self, numbers: Iterable[int]) -> None:
        """Let sessions go that are over."""
        gone = set(numbers)
        for number in gone:
            del self.spans[number]
        self.running = {place: number for place, number in self.running.items() if number not in gone}
        self.untimed = {place: number for place, number in self.untimed.items() if number not in gone}

    def _note(
        self, names: list[str], running: list[int | None], untimed: list[int | None], fresh: dict[int, tuple[str, int | None]]
    ) -> None:
        """Keep what the cut found."""
        for number, (place, start) in fresh.items():
            since = str(start) if start is not None else f"untimed {number}"
            self.spans[number] = Span(digest(place, since), place, start, start)
        self.running.update({name: number for name, number in zip(names, running, strict=True) if number is not None})
        self.untimed.update({name: number for name, number in zip(names, untimed, strict=True) if number is not None})


def digest(*parts: str) -> str:
    """Give a stable id for these parts, 32 hex digits."""
    hashed = blake2b(digest_size=16)
    for part in parts:
        hashed.update(part.encode())
        hashed.update(b"\x00")
    return hashed.hexdigest()
