"""Sliding windows over counted events. Owns when a group meets a correlation's condition; what a window comes to stands in `measures`."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import cast

from watchkeeper.detection.measures import Hit, Number, measure
from watchkeeper.detection.sigma.rule import Correlation
from watchkeeper.detection.sigma.values import COMPARE

MOST_TOLD = 16
"""So many of the events that began a burst are told, the earliest."""


@dataclass(slots=True)
class Crossing:
    """A burst of a group: its window meets the condition from this event on."""

    place: int
    """Place of the event."""
    peak: Number
    """The most that the window held during the burst."""
    counted: tuple[int, ...]
    """Places of the events in the window when the burst began, at most `MOST_TOLD`."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a correlation finds."""

    crossings: list[Crossing] = field(default_factory=list[Crossing])
    """One for each burst, in the order of the hits."""
    holding: list[int] = field(default_factory=list[int])
    """Places of all events after which the condition held, bursts' beginnings or not."""


@dataclass(frozen=True, slots=True)
class Begun:
    """When a group's last burst began, which says what may count as a new one."""

    group: tuple[str, ...]
    time_us: int
    lasts: bool
    """Whether the condition still held after the group's last event."""


class Windows:
    """The windows of a correlation, one for each group."""

    def __init__(self, correlation: Correlation) -> None:
        """Take the correlation; nothing is counted yet."""
        self._correlation = correlation
        self._windows: dict[tuple[str, ...], _Window] = {}
        self._looked_through = 0

    @property
    def begun(self) -> Iterator[Begun]:
        """When the last burst of each group began, of those in which that still matters."""
        for group, window in self._windows.items():
            if window.began_us is not None:
                yield Begun(group, window.began_us, window.is_burst)

    def take(self, hits: Iterable[Hit]) -> Found:
        """Give what the correlation finds in hits, which must be sorted by time and come after all before.

        The condition is asked after each event, of the events of its group in the `timespan` up to it, the beginning left out. A burst
        begins when it holds and did not after the event before, or that one is out of the window; and, within a group, no sooner than a
        timespan after the last burst began.
        """
        result = Found()
        for hit in hits:
            window = self._of(hit.group)
            if window.holds_after(hit):
                result.holding.append(hit.place)
                crossing = window.crossing(hit)
                if crossing is not None:
                    result.crossings.append(crossing)
        return result

    def resume(self, hits: Iterable[Hit], begun: Iterable[Begun]) -> None:
        """Go on where others stood that had taken these hits, which may still count, and told of these bursts."""
        for hit in hits:
            self._of(hit.group).holds_after(hit)
        for one in begun:
            self._of(one.group).resume(one)

    def forget(self, until_us: int) -> None:
        """Let groups go of which nothing counts for what comes after a time; it is done when there are twice as many as last."""
        if len(self._windows) >= 2 * self._looked_through:
            self._windows = {group: window for group, window in self._windows.items() if not window.is_over(until_us)}
            self._looked_through = len(self._windows)

    def _of(self, group: tuple[str, ...]) -> "_Window":
        window = self._windows.get(group)
        if window is None:
            window = self._windows[group] = _Window(self._correlation)
        return window


class _Window:
    """The events of one group that still count."""

    def __init__(self, correlation: Correlation) -> None:
        self._bounds = [(COMPARE[one.operator], one.number) for one in correlation.bounds]
        self._span_us = correlation.timespan // timedelta(microseconds=1)
        self._hits: deque[Hit] = deque()
        self._measure = measure(correlation)
        self._burst: Crossing | None = None
        self._began_us: int | None = None

    @property
    def began_us(self) -> int | None:
        """When its last burst began."""
        return self._began_us

    @property
    def is_burst(self) -> bool:
        """Whether that burst goes on."""
        return self._burst is not None

    def resume(self, begun: Begun) -> None:
        """Know of a burst that was told before."""
        self._began_us = begun.time_us
        self._burst = Crossing(-1, 0, ()) if begun.lasts else None

    def is_over(self, until_us: int) -> bool:
        """Say whether nothing counts for what comes after a time."""
        latest = max(self._hits[-1].time_us if self._hits else until_us - self._span_us, self._began_us or until_us - self._span_us)
        return latest + self._span_us <= until_us

    def holds_after(self, hit: Hit) -> bool:
        """Take in the next event and say whether the condition holds then."""
        while self._hits and self._hits[0].time_us <= hit.time_us - self._span_us:
            self._measure.remove(self._hits.popleft())
        if not self._hits:
            self._burst = None
        self._hits.append(hit)
        self._measure.add(hit)
        number = cast("float", self._measure.number())
        holds = all(compare(number, wanted) for compare, wanted in self._bounds) and self._measure.fits()
        if not holds:
            self._burst = None
        return holds

    def crossing(self, hit: Hit) -> Crossing | None:
        """Give the burst if one begins with this event, after which the condition holds."""
        number = self._measure.number()
        if self._burst is not None:
            self._burst.peak = max(self._burst.peak, number)
        elif self._began_us is None or hit.time_us - self._began_us >= self._span_us:
            counted = tuple(one.place for one in islice(self._hits, MOST_TOLD))
            self._burst, self._began_us = Crossing(hit.place, number, counted), hit.time_us
            return self._burst
        return None
