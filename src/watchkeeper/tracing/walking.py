"""Walking: which events may say what led to a thing or what it did, by the stored edges alone. Owns where to go, not what tells.

Towards the entry only edges from before count, towards the effects only those from after. Nothing is followed through ordinary programs,
and through accounts, hosts and addresses only by edges that lead somewhere. What is cut is counted.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from watchkeeper.evidence.naming import tail
from watchkeeper.model.edges import Around, Neighbours, thing_id
from watchkeeper.tracing.edges import HAS, IS
from watchkeeper.tracing.fact import Thing
from watchkeeper.tracing.hubs import is_hub
from watchkeeper.tracing.whose import AT_ONCE, Run, rows, runs

MOST_EVENTS = 4_000
_FEW = 50
_NONE = frozenset[str]()
_BACK = {
    "address": frozenset({"connected"}),
    "domain": frozenset({"connected"}),
    "host": frozenset({"connected"}),
    "user": frozenset({"came-as", "created"}),
}
"""Kinds of things that a walk back passes by these edges alone."""
_FORWARD = {
    "address": frozenset({"logged-on", "downloaded"}),
    "domain": frozenset({"logged-on", "downloaded"}),
    "host": frozenset({"logged-on", "downloaded"}),
    "user": frozenset({"created", "added", "installed", "cleared", "subscribed", "used"}),
}
"""The same, forward."""
_CROWDING = ("opened", "loaded")
"""Kinds that are by far the most edges of a process: each is read by itself, up to the limit, so that they hide nothing else."""
Place = tuple[str, int]
"""Part and row of an event."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a walk goes."""

    depth: int = 6
    """Edges from the start at most."""
    limit: int = 200
    """Edges of one thing at most."""


@dataclass(slots=True)
class Walked:
    """Where a walk has been."""

    places: dict[Place, None] = field(default_factory=dict[Place, None])
    """Events that show the edges that were followed."""
    crowded: dict[str, int] = field(default_factory=dict[str, int])
    """Things with more edges than the limit, by name, and how many they have in that time."""
    ordinary: set[str] = field(default_factory=set[str])
    """Programs that nothing is followed through."""
    deeper: set[int] = field(default_factory=set[int])
    """Things that were reached and lie too deep to follow."""
    full: bool = False
    """Whether it ended because so many events were found."""


@dataclass(frozen=True, slots=True)
class _Visit:
    thing: int
    moment: datetime | None
    depth: int


def walk(
    edges: Neighbours, name: Callable[[int], tuple[str, str]], starts: Sequence[tuple[int, datetime | None]], bounds: Bounds, *, back: bool
) -> Walked:
    """Follow edges from where one begins, each with a moment, breadth first."""
    going = _Going(edges, name, bounds, back=back)
    waiting = deque(_Visit(thing, moment, 0) for thing, moment in starts)
    while waiting:
        if len(going.walked.places) >= MOST_EVENTS:
            going.walked.full = True
            break
        waiting.extend(going.visit(waiting.popleft()))
    return going.walked


class _Going:
    def __init__(self, edges: Neighbours, name: Callable[[int], tuple[str, str]], bounds: Bounds, *, back: bool) -> None:
        self.walked = Walked()
        self._edges = edges
        self._name = name
        self._bounds = bounds
        self._back = back
        self._seen: dict[int, datetime | None] = {}
        self._own: dict[str, dict[int, Place]] = {}

    def visit(self, at: _Visit) -> Iterator[_Visit]:
        """Note a thing's edges and yield where they lead."""
        key, label = self._name(at.thing)
        if not key or not self._is_new(at):
            return
        kind = key.partition("|")[0]
        if at.depth and kind == "process" and is_hub(Thing(key, "process", tail(label))):
            self.walked.ordinary.add(tail(label))
            return
        if at.depth >= self._bounds.depth:
            self.walked.deeper.add(at.thing)
            return
        allowed = (_BACK if self._back else _FORWARD).get(kind) if at.depth else None
        for run in runs(self._edges, at.thing, key, at.moment):
            for row in self._of(run, at.moment, allowed, label or key):
                yield from self._followed(row, key, at)

    def _is_new(self, at: _Visit) -> bool:
        """Say whether a thing was not visited with as wide a time before."""
        if at.thing in self._seen:
            before = self._seen[at.thing]
            if before is None or at.moment is None or (at.moment <= before if self._back else at.moment >= before):
                return False
        self._seen[at.thing] = at.moment
        return True

    def _of(self, run: Run, moment: datetime | None, allowed: frozenset[str] | None, label: str) -> Iterator[dict[str, Any]]:
        """Yield a run's edges that count at that moment, those of each crowding kind by themselves."""
        start, end = run.start, run.end
        if moment and self._back:
            end = min(moment + AT_ONCE, end or moment + AT_ONCE)
        elif moment:
            start = max(moment - AT_ONCE, start or moment - AT_ONCE)
        limit = self._bounds.limit
        asked = Around(back=self._back, start=start, end=end, newest=self._back, limit=limit, without=frozenset({IS, HAS, *_CROWDING}))
        every = (
            (replace(asked, only=allowed),)
            if allowed
            else (asked, *(replace(asked, only=frozenset({k}), without=_NONE) for k in _CROWDING))
        )
        for around in every:
            table, total = self._edges(run.thing, around)
            if total > limit:
                self.walked.crowded[label] = self.walked.crowded.get(label, 0) + total
            yield from table.to_pylist()

    def _followed(self, row: dict[str, Any], key: str, at: _Visit) -> Iterator[_Visit]:
        self._note(row)
        if row["kind"] in _CROWDING or row["time"] is None:  # what is merely looked at is not made to do anything
            return
        yield _Visit(row["source"] if self._back else row["target"], row["time"], at.depth + 1)
        if not self._back and row["kind"] == "connected" and key.startswith("process|"):
            yield from self._went_on(key.split("|")[1], row["time"], at.depth + 1)
        elif self._back and row["kind"] == "logged-on" and key.startswith("logon|"):
            yield from self._came_from(row["source"], key.split("|")[1], row["time"], at.depth + 1)

    def _note(self, row: dict[str, Any]) -> None:
        self.walked.places[row["part"], row["row"]] = None

    def _went_on(self, host: str, when: datetime, depth: int) -> Iterator[_Visit]:
        """Yield the sessions that an address of the host opened right after a connection."""
        for address, place in self._addresses(host).items():
            for row in rows(self._edges, address, Around(start=when, end=when + AT_ONCE, limit=_FEW)):
                if row["kind"] == "logged-on":
                    self.walked.places[place] = None
                    self._note(row)
                    yield _Visit(row["target"], row["time"], depth)

    def _came_from(self, address: int, host: str, when: datetime, depth: int) -> Iterator[_Visit]:
        """Yield what connected from that address to the host right before a session began there."""
        used = [row for row in rows(self._edges, address, Around(back=True, limit=_FEW)) if row["kind"] == HAS]
        sources = {self._name(row["source"])[0].partition("|")[2]: row for row in used}
        for own, place in self._addresses(host).items():
            for row in rows(self._edges, own, Around(back=True, start=when - AT_ONCE, end=when, newest=True, limit=_FEW)):
                source = self._name(row["source"])[0].split("|")
                if row["kind"] == "connected" and len(source) > 1 and source[1] in sources:
                    self.walked.places[place] = None
                    self._note(sources[source[1]])
                    self._note(row)
                    yield _Visit(row["source"], row["time"], depth)

    def _addresses(self, host: str) -> dict[int, Place]:
        """Give the addresses of a host, each with an event that shows it."""
        if host not in self._own:
            used = rows(self._edges, thing_id(f"host|{host}"), Around(limit=4 * _FEW))
            self._own[host] = {row["target"]: (row["part"], row["row"]) for row in reversed(used) if row["kind"] == HAS}
        return self._own[host]
