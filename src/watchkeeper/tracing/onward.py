"""Onward: a connection to another host and the logon it led to there. Owns joining the two by address, port, time."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from watchkeeper.evidence import origin
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import Fact, address, text

CONTROL_PORTS = frozenset({"22", "135", "139", "445", "3389", "5985", "5986"})
"""Ports by which one host is worked from another: SSH, RPC, SMB, RDP, WinRM."""
_SOON = timedelta(seconds=5)
_Call = tuple[datetime, str, str]
"""When, from which address, to which address."""


def reached_addresses(events: Iterable[Event]) -> dict[str, str]:
    """Learn which host an address belongs to from logons that follow a connection to it within seconds, from the same source."""
    events = tuple(events)
    calls: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for when, source, target in _calls(events):
        calls[source].append((when, target))
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        source = address(text(event, "IpAddress")) if origin(event.logsource) == "security 4624" else None
        if source and event.time and event.host:
            for target in {target for when, target in calls.get(source, ()) if timedelta() <= event.time - when <= _SOON}:
                votes[target][event.host] += 1
    return {target: hosts.most_common(1)[0][0] for target, hosts in votes.items() if len(hosts) == 1}


def _calls(events: Iterable[Event]) -> Iterator[_Call]:
    for event in events:
        if event.time and origin(event.logsource) in {"sysmon 3", "security 5156"} and text(event, "Initiated").lower() != "false":
            source, target = address(text(event, "SourceIp", "SourceAddress")), address(text(event, "DestinationIp", "DestAddress"))
            if source and target and text(event, "DestinationPort", "DestPort") in CONTROL_PORTS:
                yield event.time, source, target


def onward(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield edges from a process that connected to a host on a port of remote control to the logon that followed there within seconds."""
    facts = tuple(facts)
    logons: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "logged-on" and fact.source.kind == "host" and fact.event.time:
            logons[fact.source.host, fact.target.host].append(fact)
    for fact in facts:
        control = fact.kind == "connected" and fact.target.kind == "host" and fact.arguments.get("port", "") in CONTROL_PORTS
        follower = _follower(fact, logons) if control else None
        if follower is not None:
            yield Fact("went-on", fact.source, follower.target, fact.event)
            yield replace(follower, kind="went-on", source=fact.source, predicate="", arguments={})


def _follower(call: Fact, logons: Mapping[tuple[str, str], list[Fact]]) -> Fact | None:
    """Find the first logon at the other end within seconds of a connection."""
    found = logons.get((call.source.host, call.target.host), [])
    if call.event.time is None:
        return None
    began = call.event.time
    at = bisect_left(found, began, key=lambda fact: fact.event.time or began)
    return found[at] if at < len(found) and (found[at].event.time or began) - began <= _SOON else None
