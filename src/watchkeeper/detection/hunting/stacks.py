"""Stacks: the values of fields with how often, on which hosts and since when they were seen. Owns counting them and which are rare or new.

Stacking is how people hunt: of many machines doing the same, what one of them does alone is worth a look.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, pairwise, product
from statistics import median

import pyarrow as pa

from watchkeeper.detection.signals import MAX_VALUE_CHARACTERS, Fired
from watchkeeper.model.batch import Value
from watchkeeper.model.hunt import First, Rare, Regular, Stacked

MOST_VALUES = 100_000
"""Different values that one stack holds; events with others are counted and not looked at."""
MOST_HOSTS = 1_000
"""Hosts of one value that are told apart."""
MOST_KEPT = 3
"""Events of one value that are kept to be shown, the first that were read."""
_MOST_COMBINED = 16
MOST_TIMES = 2_000
"""Times of one value that are kept to find its interval, the first that were read."""
Key = tuple[str, ...]
Look = Rare | First | Regular


@dataclass(slots=True)
class Pile:
    """One value and where it was seen."""

    value: Key
    """As first written."""
    count: int = 0
    hosts: set[str] = field(default_factory=set[str])
    first: datetime | None = None
    last: datetime | None = None
    times: list[float] = field(default_factory=list[float])
    """Seconds since 1970, where an interval is looked for."""
    interval: float | None = None
    """Seconds between two of them, where they are regular."""
    signals: list[pa.Table] = field(default_factory=list[pa.Table])
    """A row (`SIGNAL_SCHEMA`) for each event that is kept."""

    def told(self) -> Stacked:
        """Give it as it is shown."""
        return Stacked(value=self.value, count=self.count, hosts=len(self.hosts), first=self.first)


class Stack:
    """Counts the values of some fields."""

    def __init__(self, look: Look) -> None:
        """Take what is stacked; nothing is counted yet."""
        self.look = look
        """What is stacked."""
        self._timed = isinstance(look, Regular)
        self._piles: dict[Key, Pile] = {}
        self.events = 0
        """Events that were stacked."""
        self.over = 0
        """Events with values beyond the bound."""

    @property
    def values(self) -> int:
        """How many different values there are."""
        return len(self._piles)

    def add(self, fired: Fired, host: str, time: datetime | None) -> Iterator[Pile]:
        """Count an event; give the piles it came on that want to keep it."""
        written = [_values(fired, name) for name in self.look.by]
        for value in islice(product(*written), _MOST_COMBINED):
            pile = self._pile(value)
            if pile is None:
                self.over += 1
                continue
            self.events += 1
            pile.count += 1
            if len(pile.hosts) < MOST_HOSTS:
                pile.hosts.add(host)
            if time is not None:
                pile.first = min(pile.first or time, time)
                pile.last = max(pile.last or time, time)
                if self._timed and len(pile.times) < MOST_TIMES:
                    pile.times.append(time.timestamp())
            if pile.count <= MOST_KEPT:
                yield pile

    def _pile(self, value: Key) -> Pile | None:
        key = tuple(part.lower() for part in value)
        pile = self._piles.get(key)
        if pile is None and len(self._piles) < MOST_VALUES:
            pile = self._piles[key] = Pile(value)
        return pile

    def least(self, most: int) -> tuple[Stacked, ...]:
        """Give the least frequent values: on the fewest hosts, then in the fewest events."""
        return tuple(pile.told() for pile in sorted(self._piles.values(), key=_order)[:most])

    def standing_out(self, until: datetime | None) -> list[Pile] | None:
        """Give what is rare, or first seen after `until`; none where the record is too small or short to say."""
        match self.look:
            case Rare() as look:
                return self._rare(look) if self.events >= look.least_events else None
            case First():
                return None if until is None else self._new(until)
            case Regular() as look:
                return self._regular(look)

    def _rare(self, look: Rare) -> list[Pile]:
        piles = (pile for pile in self._piles.values() if len(pile.hosts) <= look.most_hosts and pile.count <= look.most_events)
        return sorted(piles, key=_order)

    def _new(self, until: datetime) -> list[Pile] | None:
        """Give what is first seen after a time, if anything at all was seen before."""
        timed = [(pile.first, pile) for pile in self._piles.values() if pile.first is not None]
        new = [pile for first, pile in timed if first > until]
        return sorted(new, key=_order) if len(new) < len(timed) else None

    def _regular(self, look: Regular) -> list[Pile] | None:
        """Give what comes back at one interval and is shared by few, if anything comes often enough."""
        often = [pile for pile in self._piles.values() if len(pile.times) >= look.least_events]
        sharing = Counter(pile[-1] for pile in self._piles)
        for pile in often:
            pile.interval = interval(sorted(pile.times), look)
        found = [pile for pile in often if pile.interval is not None and sharing[pile.value[-1].lower()] <= look.most_sharing]
        return sorted(found, key=_order) if often else None


def interval(times: Sequence[float], look: Regular) -> float | None:
    """Give the middle interval of sorted times in seconds, if half of all are near it; calls within a second count as one."""
    apart = [later - sooner for sooner, later in pairwise(times) if later - sooner >= 1]
    if len(apart) + 1 < look.least_events:
        return None
    middle = median(apart)
    spread = median(abs(one - middle) for one in apart)
    return middle if middle >= look.least_seconds and spread <= look.most_spread * middle else None


def said(look: Look, pile: Pile) -> list[Mapping[str, str]]:
    """Say as the matches of a signal what of an event is rare or new."""
    pairs = [{"field": name, "value": value} for name, value in zip(look.by, pile.value, strict=True)]
    hosts = f"{len(pile.hosts)} {'host' if len(pile.hosts) == 1 else 'hosts'}"
    every = f", every {pile.interval:.0f} s" if pile.interval is not None else ""
    told = f"{hosts}, {pile.count} {'event' if pile.count == 1 else 'events'}{every}"
    return [*pairs, {"field": f"{look.kind}({', '.join(look.by)})", "value": told}]


def _order(pile: Pile) -> tuple[int, int, Key]:
    return len(pile.hosts), pile.count, pile.value


def _values(fired: Fired, name: str) -> Sequence[str]:
    value: Value | None = fired.row.written.get(fired.names.get(name, name))
    texts = (value,) if isinstance(value, str) else value or ()
    return [text[:MAX_VALUE_CHARACTERS] for text in texts]
