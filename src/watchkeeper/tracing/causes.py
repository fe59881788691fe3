"""Causes: what led to what, and when. Owns following causes back from one thing; which beginning is the entry, `entry.py` decides."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from watchkeeper.tracing.alerted import Alerts, subject
from watchkeeper.tracing.fact import Fact, Thing
from watchkeeper.tracing.hubs import is_carrier, is_hub
from watchkeeper.tracing.prices import AT_ONCE, seconds

_CAUSES = frozenset({
    "started", "became", "wrote", "downloaded", "owned", "logged-on", "injected", "went-on", "accepted", "came-as", "installed", "created",
    "sent", "delivered", "linked",
})  # fmt: skip
_OPEN_HUB = frozenset({"injected"})
_STANDING = 1800.0
"""Seconds after which something that runs counts as having been there anyway, such as a server."""
_UNPACKED_WITHIN = 900.0
"""Seconds within which what was run may have come out of an image or archive that was written."""
CONTAINERS = (".iso", ".img", ".vhd", ".vhdx", ".zip", ".7z", ".rar", ".cab")
"""Endings of files that others come out of."""
_STARTERS = frozenset({"services.exe", "svchost.exe", "systemd", "init"})
"""What starts a server."""
_MOST_STEPS = 600
"""Causes looked at for one alerted thing."""


@dataclass(frozen=True, slots=True)
class Back:
    """A thing on the way back from an alerted one."""

    key: str
    until: float
    by: Fact | None
    """The edge that leads from it towards what was alerted."""
    towards: str | None


class Causes:
    """What led to what, in time."""

    def __init__(self, facts: Sequence[Fact], alerted: Alerts) -> None:
        """Read the edges of one neighbourhood."""
        self.things: dict[str, Thing] = {}
        self._into: dict[str, list[Fact]] = defaultdict(list)
        self.first: dict[str, float] = {}
        self.last: dict[str, float] = {}
        """Thing to the time of the last signal about it."""
        self._on_host: dict[str, list[str]] = defaultdict(list)
        self._containers: dict[str, list[tuple[float, str]]] = defaultdict(list)
        """Host to the images and archives that were written there, and when."""
        self._callers: dict[str, dict[str, float]] = defaultdict(dict)
        """Host to the outside addresses that were signalled on when they reached it, and since when."""
        for fact in facts:
            self.things.setdefault(fact.source.key, fact.source)
            self.things.setdefault(fact.target.key, fact.target)
            if fact.kind in _CAUSES:
                self._into[fact.target.key].append(fact)
            self._note(fact, alerted)

    def _note(self, fact: Fact, alerted: Alerts) -> None:
        when = seconds(fact)
        if when is None:
            return
        for key in (fact.source.key, fact.target.key) if fact.kind in _CAUSES else (subject(fact).key,):
            self.first[key] = min(when, self.first.get(key, inf))
        if fact.kind == "wrote" and fact.target.label.lower().endswith(CONTAINERS):
            self._containers[fact.target.host].append((when, fact.target.key))
        if fact.event.id in alerted:
            if fact.source.kind == "address" and fact.target.kind == "host":
                self._callers[fact.target.host].setdefault(fact.source.key, when)
            about = subject(fact)
            self.last[about.key] = max(when, self.last.get(about.key, -inf))
            if about.host and about.kind != "host":
                self._on_host[about.host].append(about.key)

    def back(self, key: str) -> dict[str, Back]:
        """Follow causes back from an alerted thing, nearest first; key to how it leads there."""
        found = {key: Back(key, self.last.get(key, inf), None, None)}
        waiting = [found[key]]
        for step in waiting:
            for before in self._before(step):
                if before.key not in found and len(found) < _MOST_STEPS:
                    found[before.key] = before
                    waiting.append(before)
        return found

    def began(self, key: str, by: Fact | None) -> float:
        """Give when a thing began its part, seconds since 1970: its own first moment, or what it led to if it had been there for long."""
        first, led = self.first.get(key, inf), (seconds(by) if by else None)
        return first if led is None or led - first <= _STANDING else led

    def explains_nothing(self, key: str) -> bool:
        """Say whether a thing is no beginning: an ordinary program, a host, a session or account that was there, a file before it ran."""
        thing = self.things[key]
        return (is_hub(thing) and not is_carrier(thing)) or thing.kind in {"host", "user", "logon", "registry", "file"}

    def _before(self, step: Back) -> Iterable[Back]:
        thing = self.things[step.key]
        closed = is_hub(thing) and not is_carrier(thing)
        for fact in self._into.get(step.key, ()):
            when = seconds(fact)
            if (when is None or when <= step.until + AT_ONCE) and (not closed or fact.kind in _OPEN_HUB):
                yield Back(fact.source.key, step.until if when is None else when, fact, step.key)
        yield from (Back(key, step.until, None, step.key) for key in self._unrecorded(thing, step.until))

    def _unrecorded(self, thing: Thing, until: float) -> Iterable[str]:
        """Yield what may have led to a thing although no event says so, such as a container it may have lain in, or who called a server."""
        if thing.kind == "host":
            there = [key for key in dict.fromkeys(self._on_host[thing.host]) if self.first[key] <= until]
            yield from sorted(there, key=lambda key: -self.first[key])
        if thing.kind == "file" and not self._into.get(thing.key):
            yield from (key for when, key in self._containers[thing.host] if until - _UNPACKED_WITHIN <= when <= until)
        if thing.kind == "process" and self._serves(thing):
            yield from (key for key, when in self._callers[thing.host].items() if when <= until)

    def _serves(self, thing: Thing) -> bool:
        """Say whether a process was there without anybody's doing: its start is not in the record, or the system started it."""
        into = self._into.get(thing.key, [])
        started = [fact.source.label.lower() for fact in into if fact.kind == "started"]
        return (all(name in _STARTERS for name in started)) and not is_hub(thing)
