"""Sliding windows over counted events. Owns when a group crosses its threshold; collecting the events stands in `counting`."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from math import isfinite
from typing import NamedTuple, cast

from watchkeeper.detection.sigma import Correlation
from watchkeeper.detection.sigma.values import COMPARE, number

Measure = int | Fraction
"""A count or a sum; exact, so that what is added and taken away again leaves nothing behind."""


class Hit(NamedTuple):
    """One counted event."""

    place: int
    """Where the caller finds it again."""
    time_us: int
    """When it happened, microseconds since 1970."""
    group: tuple[str, ...]
    value: str
    """The value to count or sum; empty where events are counted."""


@dataclass(slots=True)
class Crossing:
    """A burst of a group: its window meets the condition from this event on."""

    place: int
    """Place of the event."""
    peak: Measure
    """The most that the window held during the burst."""


def crossings(correlation: Correlation, hits: Iterable[Hit]) -> Sequence[Crossing]:
    """Give one crossing a burst, in the order of the hits, which must be sorted by time.

    The condition is asked after each event, of the events of its group in the `timespan` up to it, the beginning left out. A burst
    begins when it holds and did not after the event before, or that one is out of the window; and, within a group, no sooner than a
    timespan after the last burst began.
    """
    windows: dict[tuple[str, ...], _Window] = {}
    found: list[Crossing] = []
    for hit in hits:
        window = windows.get(hit.group)
        if window is None:
            window = windows[hit.group] = _Window(correlation)
        crossing = window.crossing(hit)
        if crossing is not None:
            found.append(crossing)
    return found


def addend(text: str) -> Measure | None:
    """Read a value to sum up; none if it is no finite number."""
    value = number(text)
    if value is None or not isfinite(value):
        return None
    return int(value) if value == int(value) else Fraction(value)


class _Window:
    """The events of one group that still count."""

    def __init__(self, correlation: Correlation) -> None:
        self._kind = correlation.kind
        self._compare, self._wanted = COMPARE[correlation.operator], correlation.number
        self._span_us = correlation.timespan // timedelta(microseconds=1)
        self._hits: deque[Hit] = deque()
        self._values: Counter[str] = Counter()
        self._sum: Measure = 0
        self._burst: Crossing | None = None
        self._began_us: int | None = None

    def crossing(self, hit: Hit) -> Crossing | None:
        """Take in the next event; give the burst if one begins with it."""
        while self._hits and self._hits[0].time_us <= hit.time_us - self._span_us:
            self._count(self._hits.popleft().value, -1)
        if not self._hits:
            self._burst = None
        self._hits.append(hit)
        self._count(hit.value, 1)
        if not self._holds():
            self._burst = None
        elif self._burst is not None:
            self._burst.peak = max(self._burst.peak, self._measure())
        elif self._began_us is None or hit.time_us - self._began_us >= self._span_us:
            self._burst, self._began_us = Crossing(hit.place, self._measure()), hit.time_us
            return self._burst
        return None

    def _count(self, value: str, sign: int) -> None:
        if self._kind == "value_sum":
            self._sum += sign * (addend(value) or 0)
        elif self._kind == "value_count":
            self._values[value] += sign
            if not self._values[value]:
                del self._values[value]

    def _measure(self) -> Measure:
        if self._kind == "value_sum":
            return self._sum
        return len(self._values if self._kind == "value_count" else self._hits)

    def _holds(self) -> bool:
        return self._compare(cast("float", self._measure()), self._wanted)
