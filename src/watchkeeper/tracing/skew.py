"""Skew: witnesses whose clocks disagree, seen where two of them recorded the same thing. Owns finding it; nothing shown is corrected."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from statistics import median

from watchkeeper.evidence import origin
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import text

SENSOR = "zeek"
"""Who saw the network's records, as a witness."""
_LEAST_TWINS, _AGREE = 3, 0.8
_TOLERANCE, _SPREAD = 60.0, 10.0
_HALF_HOUR, _MOST_HOURS = 1800.0, 14
_NO_GUID = frozenset({"", "{00000000-0000-0000-0000-000000000000}"})
_ENDS: Mapping[str, tuple[str, str, str, str]] = {
    "sysmon 3": ("SourceIp", "SourcePort", "DestinationIp", "DestinationPort"),
    "security 5156": ("SourceAddress", "SourcePort", "DestAddress", "DestPort"),
    "zeek conn": ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"),
}


@dataclass(frozen=True, slots=True)
class Skew:
    """Two witnesses of the same things that put them at different times."""

    one: str
    other: str
    apart: timedelta
    """What must be added to the other's times to agree with the first's."""
    local: bool
    """Whether it is half hours to the minute, as where one writes local time."""


def skews(events: Iterable[Event]) -> tuple[Skew, ...]:
    """Give the pairs of witnesses that disagree by more than a minute, by at least three things that both recorded.

    Twins are connections with the same four ends, and a logon with the ticket that a domain controller gave for it (by logon GUID). A
    ticket may be used long after it was given, so only what nearly all twins agree on counts.
    """
    events = tuple(events)
    found = {**_apart(_tickets(events)), **_apart(_connections(events))}
    return tuple(Skew(one, other, timedelta(seconds=seconds), _is_local(seconds)) for (one, other), seconds in sorted(found.items()))


def _apart(twins: Iterable[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """Give by pair what nearly all its twins agree on, where that is more than a minute."""
    differences: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one, other, seconds in twins:
        differences[one, other].append(seconds)
    found: dict[tuple[str, str], float] = {}
    for pair, values in differences.items():
        middle = median(values)
        agreeing = sum(abs(value - middle) <= _SPREAD for value in values)
        if len(values) >= _LEAST_TWINS and agreeing >= _AGREE * len(values) and abs(middle) > _TOLERANCE:
            found[pair] = middle
    return found


def _connections(events: Iterable[Event]) -> Iterator[tuple[str, str, float]]:
    """Yield two witnesses and the seconds between their records of one connection; ends that stand twice with one are left out."""
    seen: dict[tuple[str, ...], dict[str, list[datetime]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        kind = origin(event.logsource)
        names = _ENDS.get(kind)
        ends = tuple(text(event, name) for name in names) if names else ()
        if names and all(ends) and event.time:
            seen[ends][SENSOR if kind == "zeek conn" else f"{event.host} {kind.split(' ')[0]}"].append(event.time)
    for witnesses in seen.values():
        once = sorted((name, times[0]) for name, times in witnesses.items() if len(times) == 1)
        for (one, first), (other, second) in combinations(once, 2):
            if one.split(" ")[0] != other.split(" ")[0]:
                yield one.split(" ")[0], other.split(" ")[0], (first - second).total_seconds()


def _tickets(events: Iterable[Event]) -> Iterator[tuple[str, str, float]]:
    """Yield domain controller, host and the seconds from a ticket to the logon that it was for."""
    given: dict[str, Event] = {}
    logons: dict[str, Event] = {}
    for event in events:
        kind, guid = origin(event.logsource), text(event, "LogonGuid").lower()
        if guid not in _NO_GUID and event.time and kind in {"security 4769", "security 4624"}:
            (given if kind == "security 4769" else logons).setdefault(guid, event)
    for guid, logon in logons.items():
        ticket = given.get(guid)
        if ticket and ticket.time and logon.time and ticket.host != logon.host:
            yield ticket.host, logon.host, (ticket.time - logon.time).total_seconds()


def _is_local(seconds: float) -> bool:
    """Say whether a difference is a whole number of half hours, to the minute, and no more than time zones lie apart."""
    rest = abs(seconds) % _HALF_HOUR
    return min(rest, _HALF_HOUR - rest) <= _TOLERANCE and _HALF_HOUR - _TOLERANCE <= abs(seconds) <= _MOST_HOURS * 3600 + _TOLERANCE
