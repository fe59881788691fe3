"""How familiar a rule is at a moment: hours seen before it, decayed. Owns the decay; where the hours come from is the caller's."""

from collections.abc import Iterable

from watchkeeper.baseline.hours import Sighting

HALF_LIFE_HOURS = 14 * 24
"""After how many hours an hour seen counts half."""

LONGEST_GAP_HOURS = 24
"""A gap without any signal counts as observed up to so many hours; what lies beyond was not watched."""


class _Decayed:
    """A sum that fades with time; hours must come in order."""

    __slots__ = ("hour", "weight")

    def __init__(self) -> None:
        self.hour = 0
        self.weight = 0.0

    def at(self, hour: int) -> float:
        return self.weight * 0.5 ** ((hour - self.hour) / HALF_LIFE_HOURS) if self.weight else 0.0

    def add(self, hour: int, weight: float) -> None:
        self.weight = self.at(hour) + weight
        self.hour = hour


class Familiar:
    """Walks through hours in order and says, for a moment, how well each rule was known before it.

    Distinct hours are counted, not signals, so that a flood within an hour buys no more normality than one signal.
    """

    def __init__(self, sightings: Iterable[Sighting]) -> None:
        self._waiting = sorted(set(sightings), reverse=True)
        self._on_host: dict[tuple[str, str], _Decayed] = {}
        self._anywhere: dict[str, _Decayed] = {}
        self._last_anywhere: dict[str, int] = {}
        self._host_since: dict[str, int] = {}
        self._observed = _Decayed()
        self._last_hour: int | None = None

    def advance(self, hour: int) -> None:
        """Take in every hour before this one; hours since 1970-01-01 UTC, never going back."""
        while self._waiting and self._waiting[-1].hour < hour:
            self._take(self._waiting.pop())

    def on_host(self, rule: str, host: str, hour: int) -> float:
        """Give the decayed number of hours before in which the rule fired on the host."""
        seen = self._on_host.get((rule, host))
        return seen.at(hour) if seen else 0.0

    def anywhere(self, rule: str, hour: int) -> float:
        """Give the decayed number of hours before in which the rule fired on any host."""
        seen = self._anywhere.get(rule)
        return seen.at(hour) if seen else 0.0

    def observed(self, hour: int) -> float:
        """Give the decayed number of hours that were watched before."""
        return self._observed.at(hour)

    def host_hours(self, host: str, hour: int) -> int:
        """Give how many hours ago the host was first seen; 0 if never."""
        return hour - self._host_since.get(host, hour)

    def _take(self, seen: Sighting) -> None:
        self._host_since.setdefault(seen.host, seen.hour)
        if self._last_hour != seen.hour:
            gap = seen.hour - self._last_hour if self._last_hour is not None else 1
            self._observed.add(seen.hour, min(gap, LONGEST_GAP_HOURS))
            self._last_hour = seen.hour
        self._on_host.setdefault((seen.rule, seen.host), _Decayed()).add(seen.hour, 1.0)
        if self._last_anywhere.get(seen.rule) != seen.hour:
            self._anywhere.setdefault(seen.rule, _Decayed()).add(seen.hour, 1.0)
            self._last_anywhere[seen.rule] = seen.hour
