"""How familiar a rule is at a moment: hours seen before it, decayed. Owns the decay; where the hours come from is the caller's."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from watchkeeper.baseline.hours import Sighting

HALF_LIFE_HOURS = 14 * 24
"""After how many hours an hour seen counts half."""

LONGEST_GAP_HOURS = 24
"""A gap without any signal counts as observed up to so many hours; what lies beyond was not watched."""

FORGOTTEN = 0.02
"""What counts less than this is forgotten."""


@dataclass(slots=True)
class Decayed:
    """A sum that fades with time; hours must come in order, and a late one counts at the last."""

    hour: int = 0
    weight: float = 0.0

    def copy(self) -> "Decayed":
        """Give one that changes by itself."""
        return Decayed(self.hour, self.weight)

    def at(self, hour: int) -> float:
        """Give what is left of it."""
        return self.weight * 0.5 ** ((hour - self.hour) / HALF_LIFE_HOURS) if self.weight else 0.0

    def add(self, hour: int, weight: float) -> None:
        """Add to it."""
        hour = max(hour, self.hour)
        self.weight = self.at(hour) + weight
        self.hour = hour


@dataclass(slots=True)
class Hours:
    """The distinct hours of something, decayed."""

    seen: Decayed = field(default_factory=Decayed)
    last: int | None = None

    def copy(self) -> "Hours":
        """Give one that changes by itself."""
        return Hours(self.seen.copy(), self.last)

    def note(self, hour: int) -> bool:
        """Take in that it was seen within an hour; say whether that hour is new."""
        if self.last is not None and hour <= self.last:
            return False
        self.last = hour
        self.seen.add(hour, 1.0)
        return True


@dataclass(slots=True)
class Known:
    """What was taken in so far."""

    on_host: list[tuple[str, str, Hours]] = field(default_factory=list[tuple[str, str, Hours]])
    anywhere: list[tuple[str, Hours]] = field(default_factory=list[tuple[str, Hours]])
    hosts: list[tuple[str, int, Hours]] = field(default_factory=list[tuple[str, int, Hours]])
    """With the hour in which each was first seen."""
    on_every_host: Decayed = field(default_factory=Decayed)
    observed: Decayed = field(default_factory=Decayed)
    last: int | None = None
    waiting: list[Sighting] = field(default_factory=list[Sighting])


class Familiar:
    """Walks through hours in order and says, for a moment, how well each rule was known before it.

    Distinct hours are counted, not signals, so that a flood within an hour buys no more normality than one signal.
    """

    def __init__(self, sightings: Iterable[Sighting] = (), known: Known | None = None) -> None:
        """Go on from what is known, with more that is still to come."""
        known = known or Known()
        self._expected: set[Sighting] = {*sightings, *known.waiting}
        self._waiting: list[Sighting] = []
        self._on_host = {(rule, host): hours for rule, host, hours in known.on_host}
        self._anywhere = dict(known.anywhere)
        self._host_since = {host: since for host, since, _ in known.hosts}
        self._hosts = {host: hours for host, _, hours in known.hosts}
        self._on_every_host = known.on_every_host
        self._observed = known.observed
        self._last_hour = known.last

    def known(self) -> Known:
        """Give what was taken in and what is still to come, apart from this one."""
        return Known(
            on_host=[(*key, hours.copy()) for key, hours in self._on_host.items()],
            anywhere=[(rule, hours.copy()) for rule, hours in self._anywhere.items()],
            hosts=[(host, self._host_since[host], hours.copy()) for host, hours in self._hosts.items()],
            on_every_host=self._on_every_host.copy(),
            observed=self._observed.copy(),
            last=self._last_hour,
            waiting=sorted({*self._waiting, *self._expected}),
        )

    def expect(self, sightings: Iterable[Sighting]) -> None:
        """Take note of hours that are still to come."""
        self._expected.update(sightings)

    def advance(self, hour: int) -> None:
        """Take in every hour before this one; hours since 1970-01-01 UTC, never going back."""
        if self._expected:
            self._waiting = sorted({*self._waiting, *self._expected}, reverse=True)
            self._expected.clear()
        while self._waiting and self._waiting[-1].hour < hour:
            self._take(self._waiting.pop())

    def forget(self, hour: int) -> None:
        """Let go of what hardly counts any more."""
        self._on_host = {key: hours for key, hours in self._on_host.items() if hours.seen.at(hour) >= FORGOTTEN}
        self._anywhere = {rule: hours for rule, hours in self._anywhere.items() if hours.seen.at(hour) >= FORGOTTEN}
        self._hosts = {host: hours for host, hours in self._hosts.items() if hours.seen.at(hour) >= FORGOTTEN}
        self._host_since = {host: self._host_since[host] for host in self._hosts}

    def on_host(self, rule: str, host: str, hour: int) -> float:
        """Give the decayed number of hours before in which the rule fired on the host."""
        hours = self._on_host.get((rule, host))
        return hours.seen.at(hour) if hours else 0.0

    def anywhere(self, rule: str, hour: int) -> float:
        """Give the decayed number of hours before in which the rule fired on any host."""
        hours = self._anywhere.get(rule)
        return hours.seen.at(hour) if hours else 0.0

    def observed(self, hour: int) -> float:
        """Give the decayed number of hours that were watched before."""
        return self._observed.at(hour)

    def host_hours(self, host: str, hour: int) -> int:
        """Give how many hours ago the host was first seen; 0 if never."""
        return hour - self._host_since.get(host, hour)

    def busy(self, host: str, hour: int) -> float:
        """Give in how many hours anything fired on the host, as a share of what is usual for a host: 1 is usual, less is quieter."""
        own = self._hosts.get(host)
        usual = self._on_every_host.at(hour) / max(1, len(self._hosts))
        return ((own.seen.at(hour) if own else 0.0) + 1) / (usual + 1)

    def _take(self, seen: Sighting) -> None:
        self._host_since.setdefault(seen.host, seen.hour)
        if self._last_hour is None or self._last_hour < seen.hour:
            gap = seen.hour - self._last_hour if self._last_hour is not None else 1
            self._observed.add(seen.hour, min(gap, LONGEST_GAP_HOURS))
            self._last_hour = seen.hour
        if self._hosts.setdefault(seen.host, Hours()).note(seen.hour):
            self._on_every_host.add(seen.hour, 1.0)
        self._on_host.setdefault((seen.rule, seen.host), Hours()).note(seen.hour)
        self._anywhere.setdefault(seen.rule, Hours()).note(seen.hour)
