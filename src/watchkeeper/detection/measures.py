"""What the events of a window come to: counts, sums, ranks, which rules fired and in which order. Owns the arithmetic, which is exact.

When a window meets a correlation's condition stands in `window`.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter, deque
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import floor, isfinite
from typing import NamedTuple, Protocol

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation
from watchkeeper.detection.sigma.rule import Bound, Correlation, Kind
from watchkeeper.detection.sigma.values import number

Number = int | Fraction
"""Exact, so that what is added and taken away again leaves nothing behind."""


class Hit(NamedTuple):
    """One counted event."""

    place: int
    """Where the caller finds it again."""
    time_us: int
    """When it happened, microseconds since 1970."""
    group: tuple[str, ...]
    value: str
    """The value to count or measure; for `temporal` kinds the place of the rule among the counted; empty where events are counted."""


class Measure(Protocol):
    """What the events of a window come to, kept while they come and go."""

    def add(self, hit: Hit) -> None:
        """Take in the next event."""

    def remove(self, hit: Hit) -> None:
        """Forget the oldest event."""

    def number(self) -> Number:
        """Give what the events come to."""
        ...

    def fits(self) -> bool:
        """Say whether what is asked beside the number holds."""
        ...


def measure(correlation: Correlation) -> Measure:
    """Give what measures a window of the correlation, still empty."""
    return _MEASURES[correlation.kind](correlation)


def addend(text: str) -> Number | None:
    """Read a value to measure; none if it is no finite number."""
    value = number(text)
    if value is None or not isfinite(value):
        return None
    return int(value) if value == int(value) else Fraction(value)


class _Events:
    """How many events there are."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, hit: Hit) -> None:
        del hit
        self._count += 1

    def remove(self, hit: Hit) -> None:
        del hit
        self._count -= 1

    def number(self) -> Number:
        return self._count

    def fits(self) -> bool:
        return True


class _Different(_Events):
    """How many different values there are."""

    def __init__(self) -> None:
        super().__init__()
        self.values: Counter[str] = Counter()

    def add(self, hit: Hit) -> None:
        self.values[hit.value] += 1

    def remove(self, hit: Hit) -> None:
        self.values[hit.value] -= 1
        if not self.values[hit.value]:
            del self.values[hit.value]

    def number(self) -> Number:
        return len(self.values)


class _Sum(_Events):
    """What the values add up to."""

    def __init__(self) -> None:
        super().__init__()
        self._sum: Number = 0
        self._addends: deque[Number] = deque()

    def add(self, hit: Hit) -> None:
        super().add(hit)
        self._addends.append(addend(hit.value) or 0)
        self._sum += self._addends[-1]

    def remove(self, hit: Hit) -> None:
        super().remove(hit)
        self._sum -= self._addends.popleft()

    def number(self) -> Number:
        return self._sum


class _Average(_Sum):
    """The mean of the values."""

    def number(self) -> Number:
        return Fraction(super().number(), self._count) if self._count else 0


class _Rank(_Events):
    """The value below which a part of the values lies; between two values it is as far from them as the part says."""

    def __init__(self, percentile: float) -> None:
        super().__init__()
        self._part = Fraction(percentile) / 100
        self._sorted: list[int | float] = []
        self._values: deque[int | float] = deque()

    def add(self, hit: Hit) -> None:
        self._values.append(number(hit.value) or 0)
        insort(self._sorted, self._values[-1])

    def remove(self, hit: Hit) -> None:
        del hit
        del self._sorted[bisect_left(self._sorted, self._values.popleft())]

    def number(self) -> Number:
        if not self._sorted:
            return 0
        exact = self._part * (len(self._sorted) - 1)
        low = floor(exact)
        below, above = (Fraction(self._sorted[min(place, len(self._sorted) - 1)]) for place in (low, low + 1))
        return below + (exact - low) * (above - below)


class _Fired(_Different):
    """How many of the rules fired, and whether they are those that are wanted."""

    def __init__(self, correlation: Correlation) -> None:
        super().__init__()
        self._wanted = correlation.wanted
        self._places = {one.rule: str(place) for place, one in enumerate(correlation.counted)}

    def fits(self) -> bool:
        return self._wanted is None or self._holds(self._wanted)

    def _holds(self, node: Condition) -> bool:
        match node:
            case Atom(field, _):
                return self._places.get(field or "") in self.values
            case AllOf(children):
                return all(map(self._holds, children))
            case AnyOf(children):
                return any(map(self._holds, children))
            case Negation(child):
                return not self._holds(child)


class _InOrder(_Events):
    """How many of the rules fired in their order; at one time any order is as good.

    For each rule it keeps when it fired, in time order, and looks from now backwards for the latest time at which each step can have been.
    """

    def __init__(self, correlation: Correlation) -> None:
        super().__init__()
        self._wanted = correlation.wanted
        self._places = {one.rule: place for place, one in enumerate(correlation.counted)}
        self._times: list[list[int]] = [[] for _ in correlation.counted]
        self._gone = [0] * len(correlation.counted)
        self._now = 0
        self._all_or_none = correlation.bounds == (Bound("ge", len(correlation.counted)),)

    def add(self, hit: Hit) -> None:
        self._now = hit.time_us
        self._times[int(hit.value)].append(hit.time_us)

    def remove(self, hit: Hit) -> None:
        self._gone[int(hit.value)] += 1

    def number(self) -> Number:
        return self._whole() if self._all_or_none else self._longest()

    def _whole(self) -> int:
        """Give the count of the rules if all fired in order, else nothing."""
        until: int | None = self._now
        for place in reversed(range(len(self._times))):
            until = self._latest(place, until)
            if until is None:
                return 0
        return len(self._times)

    def _longest(self) -> int:
        begins: list[int] = [self._now]  # for each number of steps, the latest time at which so many can have begun
        for place in reversed(range(len(self._times))):
            for steps in reversed(range(len(begins))):
                found = self._latest(place, begins[steps])
                if found is None:
                    continue
                if steps + 1 == len(begins):
                    begins.append(found)
                else:
                    begins[steps + 1] = max(begins[steps + 1], found)
        return len(begins) - 1

    def fits(self) -> bool:
        return self._wanted is None or self._begin(self._wanted, self._now) is not None

    def _latest(self, place: int, until: int) -> int | None:
        """Give when a rule last fired in the window, not after a time."""
        times = self._times[place]
        found = bisect_right(times, until) - 1
        return times[found] if found >= self._gone[place] else None

    def _begin(self, node: Condition, until: int) -> int | None:
        """Give the latest time at which what holds by `until`, read from left to right, can have begun; none if it does not hold."""
        match node:
            case Atom(field, _):
                place = self._places.get(field or "")
                return None if place is None else self._latest(place, until)
            case AllOf(children):
                return self._first_of(children, until)
            case AnyOf(children):
                return max((found for one in children if (found := self._begin(one, until)) is not None), default=None)
            case Negation(child):
                return until if self._begin(child, self._now) is None else None

    def _first_of(self, children: Sequence[Condition], until: int) -> int | None:
        for child in reversed(children):
            found = self._begin(child, until)
            if found is None:
                return None
            until = found
        return until


_MEASURES: dict[Kind, Callable[[Correlation], Measure]] = {
    "event_count": lambda _: _Events(),
    "value_count": lambda _: _Different(),
    "value_sum": lambda _: _Sum(),
    "value_avg": lambda _: _Average(),
    "value_median": lambda _: _Rank(50),
    "value_percentile": lambda correlation: _Rank(correlation.percentile),
    "temporal": _Fired,
    "temporal_ordered": _InOrder,
}
