"""Prices: what a step along an edge costs a search. Owns rarity, time and severity of edges; where to go, `ranking` and `tying` decide."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import inf, log2

from watchkeeper.evidence.naming import folder
from watchkeeper.tracing.alerted import Alerts
from watchkeeper.tracing.fact import Fact, Thing

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
_SIGNALLED, _SEVERE = 0.1, 0.4
"""An edge with a signal costs the first and, the less severe the signal, up to the second on top."""
_PER_DOUBLING, _PER_FAN, _PER_TIME, _FARTHEST_IN_TIME = 0.5, 0.2, 0.15, 1.2
_MINUTE, _HOUR = 60.0, 3600.0
_WARNING = 600.0
"""Seconds before a host's first signal in which what happens may belong to the attack already."""
AT_ONCE = 5.0
"""Seconds by which the record of a cause may lag behind that of its effect."""


class Prices:
    """Knows the edges of one neighbourhood: what is usual in it, and when something was signalled."""

    def __init__(self, facts: Iterable[Fact], alerted: Alerts) -> None:
        """Take every edge; how usual one is, is counted in hours on hosts, where and while nothing had been signalled yet."""
        facts = tuple(facts)
        self._alerted = alerted
        signalled = [(when, fact.event.host) for fact in facts if fact.event.id in alerted and (when := seconds(fact)) is not None]
        self._moments = sorted(when for when, _ in signalled)
        began: dict[str, float] = {}
        for when, host in signalled:
            began[host] = min(when, began.get(host, when))
        usual: dict[tuple[str, str, str], set[tuple[str, int]]] = defaultdict(set)
        fans: dict[tuple[str, str], set[str]] = defaultdict(set)
        for fact in facts:
            fans[fact.source.key, fact.kind].add(fact.target.key)
            when = seconds(fact)
            if when is not None and when < began.get(fact.event.host, inf) - _WARNING:
                usual[_signature(fact)].add((fact.event.host, int(when // _HOUR)))
        self._usual = {signature: len(hours) for signature, hours in usual.items()}
        self._fans = {fan: len(targets) for fan, targets in fans.items()}

    def of(self, fact: Fact, *, back: bool) -> float | None:
        """Give the price of following an edge; none if nothing is learnt by it in that direction."""
        base = (_BACK if back else _FORWARD).get(fact.kind)
        alert = self._alerted.get(fact.event.id)
        if base is None or alert is not None:
            return None if base is None or alert is None else _SIGNALLED + _SEVERE / (1 + alert.weight)
        fan = 0.0 if back else _PER_FAN * log2(self._fans[fact.source.key, fact.kind])
        return base + _PER_DOUBLING * log2(1 + self._usual.get(_signature(fact), 0)) + fan + self._distance(fact)

    def _distance(self, fact: Fact) -> float:
        """Price an edge by the minutes to the nearest signal."""
        when = seconds(fact)
        if when is None or not self._moments:
            return 0.0
        at = bisect_left(self._moments, when)
        apart = min(abs(when - moment) for moment in self._moments[max(0, at - 1) : at + 1])
        return min(_PER_TIME * log2(1 + apart / _MINUTE), _FARTHEST_IN_TIME)


def seconds(fact: Fact) -> float | None:
    """Give when an edge was, in seconds since 1970 UTC; none if its event has no time."""
    return fact.event.time.timestamp() if fact.event.time else None


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
