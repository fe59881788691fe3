"""Ranking: which things tie to the alerted ones, nearest first. Owns the best-first search; drawing what it found stands in `picture.py`.

First the smallest tree that ties the alerted things together, as far as they can be tied at a price; then everything within reach of that
tree, back to the entry and forward to the effects. Towards the entry only what was there before counts, towards the effects only what came
after. Ordinary processes (hubs) are reached, but nothing is reached through them, unless a signal says so.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log2

from watchkeeper.tracing.alerted import Alerts, subject, weights
from watchkeeper.tracing.fact import Fact, Thing
from watchkeeper.tracing.hubs import is_hub, taken_over
from watchkeeper.tracing.prices import AT_ONCE, Prices, seconds

_TURN = 0.7
"""Price of looking at what an ancestor did besides."""
_MEET = 1.5
"""Price of looking at what else led to the same effect."""
_FURTHEST = 9.0
_LONGEST_TIE = 7.0
_START = 6.0
_LINK = 1.0
"""Where a search begins from a thing that only ties others together."""
_MOST_TIED, _OF_A_KIND = 30, 2
_FEW = 4


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
    moment: float
    """Towards the entry, the latest time that can have led here; towards the effects, the earliest that can follow; seconds since 1970."""
    via: Fact | None
    previous: str | None


class _Search:
    """The edges of one neighbourhood, and a search over them that may be given more places to begin at any time."""

    def __init__(self, facts: Sequence[Fact], alerted: Alerts) -> None:
        self._alerted = alerted
        self._prices = Prices(facts, alerted)
        self._out: dict[str, list[Fact]] = defaultdict(list)
        self._into: dict[str, list[Fact]] = defaultdict(list)
        self.things: dict[str, Thing] = {}
        for fact in facts:
            self._out[fact.source.key].append(fact)
            self._into[fact.target.key].append(fact)
            self.things.setdefault(fact.source.key, fact.source)
            self.things.setdefault(fact.target.key, fact.target)
        self._taken_over = frozenset(taken_over(facts))
        self._order = 0
        self._waiting: list[_Step] = []
        self._best: dict[tuple[str, bool], float] = {}

    def begin(self, key: str, cost: float) -> None:
        """Search from here as well, both ways."""
        self._add(_Step(cost, 0, key, back=True, moment=inf, via=None, previous=None))
        self._add(_Step(cost, 0, key, back=False, moment=-inf, via=None, previous=None))

    def steps(self, furthest: float, *, meet: bool) -> Iterator[_Step]:
        """Take what waits, nearest first, and go on from there; with `meet`, also from an effect to what else led to it."""
        while self._waiting:
            step = heapq.heappop(self._waiting)
            if step.cost > furthest or step.cost > self._best[step.key, step.back]:
                continue
            yield step
            self._go_on(step)
            if step.back:
                self._add(_Step(step.cost + _TURN, 0, step.key, back=False, moment=-inf, via=step.via, previous=step.previous))
            elif meet and step.via and self._is_telling(self.things[step.key]):
                self._add(_Step(step.cost + _MEET, 0, step.key, back=True, moment=inf, via=step.via, previous=step.previous))

    def _go_on(self, step: _Step) -> None:
        thing = self.things[step.key]
        for fact in self._into[step.key] if step.back else self._out[step.key]:
            when = seconds(fact)
            in_order = when is None or (when <= step.moment + AT_ONCE if step.back else when >= step.moment - AT_ONCE)
            price = self._prices.of(fact, back=step.back) if in_order else None
            if price is not None and (fact.event.id in self._alerted or self._open(thing, fact, back=step.back)):
                key = (fact.source if step.back else fact.target).key
                moment = step.moment if when is None else when
                self._add(_Step(step.cost + price, 0, key, step.back, moment, fact, step.key))

    def _add(self, step: _Step) -> None:
        if step.cost < self._best.get((step.key, step.back), inf):
            self._best[step.key, step.back] = step.cost
            self._order += 1
            step.order = self._order
            heapq.heappush(self._waiting, step)

    def _open(self, thing: Thing, fact: Fact, *, back: bool) -> bool:
        """Say whether a path may go on through a thing by an edge that nobody signalled."""
        match thing.kind:
            case "process" if is_hub(thing) and thing.key not in self._taken_over:
                return fact.kind == "injected" if back else False
            case "address" | "domain" | "host":
                return fact.kind in {"logged-on", "downloaded"} if not back else fact.kind == "connected" and self._is_telling(thing)
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

    def _is_telling(self, thing: Thing) -> bool:
        """Say whether few enough lead to a thing that having it in common says something."""
        return not is_hub(thing) and len({fact.source.label.lower() for fact in self._into[thing.key]}) <= _FEW


def ranked(facts: Sequence[Fact], alerted: Alerts) -> list[Reached]:
    """Give the tree of the alerted things, then all within reach of it, nearest first; what a thing was reached from stands before it."""
    weighed = weights(facts, alerted)
    most = max(weighed.values(), default=1.0)
    started = {key: min(log2(most / weight), _START) for key, weight in weighed.items()}
    tree = _tree(_Search(facts, alerted), terminals(facts, alerted, weighed), started)
    wider = _Search(facts, alerted)
    for key, cost in started.items():
        wider.begin(key, cost)
    for key in tree:
        wider.begin(key, _LINK)
    given = dict(tree)
    for step in wider.steps(_FURTHEST, meet=False):
        if step.key not in given:
            given[step.key] = Reached(wider.things[step.key], step.cost, step.via, step.previous)
    return list(given.values())


def terminals(facts: Sequence[Fact], alerted: Alerts, weighed: Mapping[str, float]) -> list[str]:
    """Give the alerted things to tie together, heaviest first; of those alike the first few stand for all."""
    said: dict[str, set[str]] = defaultdict(set)
    things: dict[str, Thing] = {}
    for fact in facts:
        if fact.event.id in alerted:
            things.setdefault(subject(fact).key, subject(fact))
            said[subject(fact).key].update(alerted[fact.event.id].rules)
    seen: Counter[tuple[str, str, str, frozenset[str]]] = Counter()
    chosen: list[str] = []
    for key in sorted(things, key=lambda key: -weighed[key]):
        thing = things[key]
        kind = (thing.kind, thing.host, thing.label.lower(), frozenset(said[key]))
        seen[kind] += 1
        if seen[kind] <= _OF_A_KIND:
            chosen.append(key)
    return chosen[:_MOST_TIED]


def _tree(search: _Search, terminals: Sequence[str], started: Mapping[str, float]) -> dict[str, Reached]:
    """Grow a tree from the heaviest thing to the nearest other one, again and again; what is too far begins a tree of its own."""
    tree: dict[str, Reached] = {}
    apart = dict.fromkeys(terminals)
    while apart:
        root = next(iter(apart))
        del apart[root]
        tree.setdefault(root, Reached(search.things[root], started[root], None, None))
        search.begin(root, 0.0)
        _grow(search, tree, apart, lambda: search.steps(_LONGEST_TIE, meet=True))
    return tree


def _grow(search: _Search, tree: dict[str, Reached], apart: dict[str, None], steps: Callable[[], Iterator[_Step]]) -> None:
    before: dict[str, _Step] = {}
    for step in steps():
        before.setdefault(step.key, step)
        if step.key not in apart:
            continue
        del apart[step.key]
        for link in reversed(_path(step, before, tree)):
            tree[link.key] = Reached(search.things[link.key], min(step.cost, _LINK), link.via, link.previous)
            search.begin(link.key, 0.0)


def _path(step: _Step, before: Mapping[str, _Step], tree: Mapping[str, Reached]) -> list[_Step]:
    """Give the steps from a thing back to the tree, the thing's own first."""
    path = [step]
    while path[-1].previous is not None and path[-1].previous not in tree:
        path.append(before[path[-1].previous])
    return path
