"""Ranking: which things tie to the alerted ones, nearest first. Owns the best-first search; drawing what it found stands in `picture.py`.

Costs grow with each step, with how ordinary an edge is in this neighbourhood, and with how little the start was alerted; ordinary processes
(hubs) are reached, but nothing is reached through them, unless a signal says so.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log2

from watchkeeper.tracing.alerted import Alerts, weights
from watchkeeper.tracing.fact import Fact, Thing, folder
from watchkeeper.tracing.hubs import is_hub

_BACK: Mapping[str, float] = {
    "started": 0.5, "became": 0.5, "wrote": 0.8, "downloaded": 0.3, "owned": 0.8, "logged-on": 0.5, "injected": 0.5, "went-on": 0.3,
    "installed": 0.8, "sent": 0.5, "delivered": 0.5, "linked": 0.5,
    "created": 0.8, "accepted": 1.5, "came-as": 0.5, "failed": 1.0, "alerted": 0.5, "called": 1.0, "used": 2.0,
    "connected": 2.5, "asked": 2.5,
}  # fmt: skip
"""Edges that lead towards the entry, and their price."""
_FORWARD: Mapping[str, float] = {
    "started": 1.0, "wrote": 1.5, "became": 0.5, "connected": 1.2, "asked": 1.8, "set": 2.0, "changed": 3.0, "deleted": 2.5, "opened": 2.5,
    "created-pipe": 2.5, "opened-pipe": 3.5, "injected": 0.3, "went-on": 0.3, "tampered": 0.5, "installed": 0.8, "created": 0.8,
    "added": 0.8, "cleared": 0.8, "found": 0.8, "logged-on": 1.0, "owned": 2.0, "used": 1.5, "shared": 1.5, "ran": 1.5, "loaded": 2.0,
    "reached": 1.5, "called": 1.5, "failed": 2.0, "alerted": 0.5, "subscribed": 0.8, "came-as": 1.0, "downloaded": 1.0, "accepted": 1.5,
    "privileged": 2.5, "refused": 2.0, "sent": 0.8, "delivered": 0.8, "linked": 0.5,
}  # fmt: skip
"""Edges that lead towards the effects, and their price."""
_SIGNALLED = 0.2
_TURN = 0.7
"""Price of looking at what an ancestor did besides."""
_FURTHEST = 9.0
_START = 6.0


@dataclass(frozen=True, slots=True)
class Reached:
    """A thing, how far it is from the alerted ones, and by which edge it was reached."""

    thing: Thing
    cost: float
    via: Fact | None
    previous: str | None


@dataclass(order=True, slots=True)
class _Step:
    cost: float
    order: int
    key: str
    back: bool
    via: Fact | None
    previous: str | None


class _Search:
    """One run over the edges of one neighbourhood."""

    def __init__(self, facts: tuple[Fact, ...], alerted: Alerts) -> None:
        self._alerted = alerted
        self._out: dict[str, list[Fact]] = defaultdict(list)
        self._into: dict[str, list[Fact]] = defaultdict(list)
        self.things: dict[str, Thing] = {}
        for fact in facts:
            self._out[fact.source.key].append(fact)
            self._into[fact.target.key].append(fact)
            self.things.setdefault(fact.source.key, fact.source)
            self.things.setdefault(fact.target.key, fact.target)
        pairs = {(fact.source.key, fact.target.key, _signature(fact)) for fact in facts}
        self._seen = Counter(signature for _, _, signature in pairs)

    def steps(self, key: str, *, back: bool) -> Iterator[tuple[str, float, Fact, bool]]:
        """Yield where one may go from here: key, price, edge, and whether that is towards the entry."""
        thing = self.things[key]
        prices, edges = (_BACK, self._into[key]) if back else (_FORWARD, self._out[key])
        for fact in edges:
            signalled = fact.event.id in self._alerted
            if fact.kind in prices and (signalled or self._open(thing, fact, back=back)):
                price = _SIGNALLED if signalled else prices[fact.kind] + self._ordinary(fact)
                yield (fact.source if back else fact.target).key, price, fact, back

    def _ordinary(self, fact: Fact) -> float:
        return 0.5 * log2(self._seen[_signature(fact)])

    def _open(self, thing: Thing, fact: Fact, *, back: bool) -> bool:
        """Say whether a path may go on through a thing by an edge that nobody signalled."""
        match thing.kind:
            case "process" if is_hub(thing):
                return fact.kind == "injected" if back else False
            case "address" | "domain" | "host":
                return fact.kind in {"logged-on", "downloaded"} if not back else fact.kind == "connected" and self._rare(thing)
            case "user":
                return (
                    fact.kind in {"created", "added", "installed", "cleared", "subscribed", "used"}
                    if not back
                    else fact.kind in {"came-as", "created"}
                )
            case "logon":
                return back or any(
                    before.kind in {"logged-on", "went-on"} and before.source.kind != "user" for before in self._into[thing.key]
                )
            case _:
                return True

    def _rare(self, thing: Thing) -> bool:
        return len({fact.source.label.lower() for fact in self._into[thing.key]}) <= 4


def ranked(facts: tuple[Fact, ...], alerted: Alerts) -> list[Reached]:
    """Give everything within reach of the alerted things, nearest first; the thing it was reached from always stands before it."""
    search = _Search(facts, alerted)
    weighed = weights(facts, alerted)
    most = max(weighed.values(), default=1.0)
    waiting = [
        _Step(min(log2(most / weight), _START), order, key, back, None, None)
        for order, (key, weight) in enumerate(weighed.items())
        for back in (True, False)
    ]
    heapq.heapify(waiting)
    return list(_spread(search, waiting))


def _spread(search: _Search, waiting: list[_Step]) -> Iterator[Reached]:
    done: set[tuple[str, bool]] = set()
    given: set[str] = set()
    order = len(waiting)
    while waiting:
        step = heapq.heappop(waiting)
        if (step.key, step.back) in done or step.cost > _FURTHEST:
            continue
        done.add((step.key, step.back))
        if step.key not in given:
            given.add(step.key)
            yield Reached(search.things[step.key], step.cost, step.via, step.previous)
        for key, price, fact, back in search.steps(step.key, back=step.back):
            order += 1
            heapq.heappush(waiting, _Step(step.cost + price, order, key, back, fact, step.key))
        if step.back and (step.key, False) not in done:
            order += 1
            heapq.heappush(waiting, _Step(step.cost + _TURN, order, step.key, back=False, via=step.via, previous=step.previous))


def _signature(fact: Fact) -> tuple[str, str, str]:
    return fact.kind, fact.source.label.lower(), alike(fact.target)


def alike(thing: Thing) -> str:
    """Name the class that things alike share: a file's folder, a key's root, a domain's last two labels, anything else's name."""
    match thing.kind:
        case "file":
            return folder(thing.details.get("path", "")).lower() or thing.label.lower()
        case "registry":
            return "\\".join(thing.details.get("path", "").lower().split("\\")[:4])
        case "domain":
            return ".".join(thing.label.lower().split(".")[-2:])
        case _:
            return thing.label.lower()
