"""Entry: where an attack began, as far as the record shows. Owns the choice and how sure it is; search and picture are others' business.

Causes are followed back from the weighty alerted things, each only as far as it came before its effect. What most of the alerts follow
from and nothing leads to is where the trail may begin; the earliest of these is the entry.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import inf
from typing import cast

from watchkeeper.model.event import Event
from watchkeeper.model.note import Note
from watchkeeper.tracing.alerted import Alerts, weights
from watchkeeper.tracing.causes import Back, Causes
from watchkeeper.tracing.fact import Fact, Thing
from watchkeeper.tracing.hubs import is_carrier, is_hub

_LEAST_SHARE = 0.15
"""A beginning that less of the alerts' weight follows from is not where the attack came in."""
_LEAST_ALONE = 0.01
"""One of several beginnings on a host counts from this share on."""
_TOGETHER = 120.0
"""Seconds within which beginnings are one moment: then what came from outside is the entry."""
_MOST_ALERTED = 40
_BROUGHT_IN = 1
"""How far inside what brings in from outside stands."""


@dataclass(frozen=True, slots=True)
class Link:
    """One thing on the way from the entry."""

    thing: Thing
    fact: Fact | None
    """The edge to the next; none where no event shows it, and for the last."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Two things of which the first probably led to the second, with an edge each that shows them."""

    before: Thing
    after: Thing
    first: Fact
    second: Fact


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a trail begins, and the things by which it leads to what was alerted."""

    thing: Thing | None
    when: datetime | None
    path: tuple[Link, ...] = ()
    """From the entry on; the last is alerted."""

    def gaps(self) -> Iterator[Gap]:
        """Yield where no event shows how one thing led to the next."""
        for number, (link, after) in enumerate(pairwise(self.path)):
            shown = [self.path[number - 1].fact if number else None, after.fact]
            if link.fact is None and any(shown):
                before, led = shown[0] or shown[1], shown[1] or shown[0]
                yield Gap(link.thing, after.thing, cast("Fact", before), cast("Fact", led))


def find_entry(facts: Sequence[Fact], alerted: Alerts) -> Entry:
    """Find where the trail begins, and the way from there to the heaviest alerted thing that follows from it."""
    causes = Causes(facts, alerted)
    every = weights(facts, alerted)
    weighed = {key: weight for key, weight in every.items() if not _is_ordinary(causes.things[key])} or every
    ways = {key: causes.back(key) for key in sorted(weighed, key=lambda key: -weighed[key])[:_MOST_ALERTED]}
    began: dict[str, float] = {}
    follows: dict[str, dict[str, float]] = defaultdict(dict)
    for key, way in ways.items():
        for root in tuple(_roots(way, causes)) or (key,):
            follows[root][key] = weighed[key]
            began[root] = min(causes.began(root, way[root].by), began.get(root, inf))
    chosen = _first(_likely(follows, causes), began, causes)
    if chosen is None:
        return Entry(None, None)
    way = max((key != chosen, -place, key) for place, (key, way) in enumerate(ways.items()) if chosen in way)[2]
    when = None if began[chosen] == inf else datetime.fromtimestamp(began[chosen], UTC)
    return Entry(causes.things[chosen], when, tuple(Link(causes.things[step.key], step.by) for step in _path(chosen, ways[way])))


def _likely(follows: Mapping[str, Mapping[str, float]], causes: Causes) -> list[str]:
    """Give the beginnings that enough follows from, those on one host together: somebody at it starts one program after another."""
    whole: dict[str, float] = {}
    places: dict[str, dict[str, float]] = defaultdict(dict)
    for root, things in follows.items():
        whole |= things
        places[causes.things[root].host or root] |= things
    least = sum(whole.values())
    likely = [
        root
        for root, things in follows.items()
        if sum(places[causes.things[root].host or root].values()) >= _LEAST_SHARE * least and sum(things.values()) >= _LEAST_ALONE * least
    ]
    return likely or sorted(follows, key=lambda root: -sum(follows[root].values()))[:1]


def _is_ordinary(thing: Thing) -> bool:
    return is_hub(thing) or thing.kind in {"host", "user"}


def _roots(way: Mapping[str, Back], causes: Causes) -> Iterable[str]:
    """Yield where the way back ends: what nothing on it leads to, ordinary programs aside."""
    led_to = {step.towards for step in way.values() if not causes.explains_nothing(step.key)}
    for key in way:
        if key not in led_to and not causes.explains_nothing(key):
            yield key


def _first(likely: Sequence[str], began: Mapping[str, float], causes: Causes) -> str | None:
    """Give the earliest; of those at one moment the one that lies furthest outside."""
    earliest = min((began[key] for key in likely), default=inf)
    near = [key for key in likely if began[key] <= earliest + _TOGETHER]
    return min(near, key=lambda key: (_inwardness(causes.things[key]), began[key], key), default=None)


def _inwardness(thing: Thing) -> int:
    """Order where a trail may begin: outside, what brings in from outside, a program or file, a session of the host's own."""
    if thing.kind in {"address", "domain", "url"}:
        return 0
    if is_carrier(thing):
        return _BROUGHT_IN
    return 3 if thing.kind in {"user", "logon", "registry"} else 2


def _path(key: str, way: Mapping[str, Back]) -> Iterator[Back]:
    at: str | None = key
    while at is not None:
        yield way[at]
        at = way[at].towards


def sureness(entry: Entry, events: Iterable[Event], unborn: Iterable[str]) -> Note:
    """Say how far back the record goes and whether the attack may have begun before; `unborn` are keys of processes without a start."""
    if entry.thing is None:
        return Note(code="trace.nothing")
    if entry.when is None:
        return Note(code="trace.entry-undated")
    begins = min((event.time for event in events if event.time), default=entry.when)
    said = {
        "entry": entry.thing.label,
        "host": entry.thing.host,
        "time": entry.when.isoformat(timespec="seconds"),
        "begins": begins.isoformat(timespec="seconds"),
    }
    if entry.thing.key in set(unborn):
        return Note(code="trace.entry-before", arguments=said)
    if entry.thing.kind == "user":
        return Note(code="trace.entry-account", arguments=said)
    return Note(code="trace.entry-outside" if _inwardness(entry.thing) <= _BROUGHT_IN else "trace.entry-inside", arguments=said)
