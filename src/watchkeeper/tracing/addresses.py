"""Addresses: which host had which address at what time, learnt from events that say both. Owns that; what talks to what is `families`'."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import datetime, timedelta

from watchkeeper.evidence import origin, reading
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import address, named, text

CONTROL_PORTS = frozenset({"22", "135", "139", "445", "3389", "5985", "5986"})
"""Ports by which one host is worked from another: SSH, RPC, SMB, RDP, WinRM."""
INBOUND = frozenset({"%%14592", "Inbound"})
"""How the filtering platform says that a connection came in: its source is then the other end."""
CONNECTIONS = frozenset({"sysmon 3", "security 5156"})
"""Kinds of events in which a host tells of a connection."""
_SHOUTED = frozenset({"137", "138"})
"""Ports of NetBIOS, which speaks to a whole network at once: the address is everybody's."""
_ACCOUNTS = frozenset({"security 4624", "security 4768", "security 4769"})
_SOON = timedelta(seconds=5)
_NEAR = timedelta(hours=1)
"""How far from a moment what was seen still says whose address it was; leases are seldom shorter."""
_MOSTLY = 0.9
_Sightings = list[tuple[datetime, str]]


class Addresses:
    """Who had which address when."""

    def __init__(self, events: Iterable[Event]) -> None:
        """Learn it from connections, leases and hosts' own logons; of others, from logons right after a connection to them."""
        events = tuple(events)
        seen: dict[str, _Sightings] = defaultdict(list)
        undated: dict[str, set[str]] = defaultdict(set)
        for found, host, when in _sightings(events):
            if when is None:
                undated[found].add(host)
            else:
                seen[found].append((when, host))
        self._seen = {found: sorted(sightings) for found, sightings in seen.items()}
        alone = {found: next(iter(hosts)) for found, hosts in undated.items() if len(hosts) == 1 and found not in seen}
        whole = {found: _mostly(host for _, host in sightings) for found, sightings in self._seen.items()}
        self.settled: Mapping[str, str] = _reached(events) | alone | {found: host for found, host in whole.items() if host}
        """Address to the one host that had it all the time; those that changed hands are not among them."""

    def of(self, hosts: Set[str]) -> set[str]:
        """Give the addresses that any of these hosts had at some time."""
        settled = {found for found, host in self.settled.items() if host in hosts}
        return settled | {found for found, sightings in self._seen.items() if any(host in hosts for _, host in sightings)}

    def at(self, found: str, when: datetime | None) -> str:
        """Give the host that had an address at a time; empty if that is not known or two are about as likely."""
        settled = self.settled.get(found)
        if settled is not None or when is None or found not in self._seen:
            return settled or ""
        sightings = self._seen[found]
        first = bisect_left(sightings, when - _NEAR, key=lambda sighting: sighting[0])
        last = bisect_right(sightings, when + _NEAR, key=lambda sighting: sighting[0])
        before = [sighting for sighting in sightings[first:last] if sighting[0] <= when]
        after = [sighting for sighting in sightings[first:last] if sighting[0] > when]
        around = {sighting[1] for sighting in (*before[-1:], *after[:1])}
        return next(iter(around)) if len(around) == 1 else _mostly(host for _, host in sightings[first:last])


def _mostly(hosts: Iterable[str]) -> str:
    """Give the host that is nearly all of them; empty if none is."""
    counted = Counter(hosts)
    host, count = next(iter(counted.most_common(1)), ("", 0))
    return host if counted and count >= _MOSTLY * counted.total() else ""


def _sightings(events: Iterable[Event]) -> Iterator[tuple[str, str, datetime | None]]:
    """Yield address, host and time of what says both: connections as a host saw them, logons of its own account, leases."""
    for event in events:
        kind = origin(event.logsource)
        if kind in CONNECTIONS:
            found, host = own_address(event), event.host
        elif kind in _ACCOUNTS:
            found, host = address(text(event, "IpAddress")), _machine(text(event, "TargetUserName"))
        elif event.logsource.service.lower() == "dhcp":
            found, host = _leased(event)
        else:
            continue
        if found and host:
            yield found, host, event.time


def own_address(event: Event) -> str | None:
    """Give the address that the host of a recorded connection used; none if it spoke to everybody."""
    shouted = text(event, "DestinationPort", "DestPort") in _SHOUTED
    return None if shouted else address(text(event, _own_field(event, origin(event.logsource))))


def _leased(event: Event) -> tuple[str | None, str]:
    """Give the address of a lease and the name that the client calls itself by."""
    seen = reading(event)
    name = seen.text("src_endpoint.hostname") or text(event, "host_name", "client_fqdn")
    return address(text(event, "assigned_addr", "assigned_ip") or seen.text("src_endpoint.ip")), name.split(".")[0].lower()


def _own_field(event: Event, kind: str) -> str:
    if kind == "sysmon 3":
        return "DestinationIp" if text(event, "Initiated").lower() == "false" else "SourceIp"
    return "DestAddress" if text(event, "Direction") in INBOUND else "SourceAddress"


def _machine(account: str) -> str:
    """Give the host whose own account this is; empty if it is a person's or a service's."""
    name = named(account)
    return name.removesuffix("$") if name.endswith("$") else ""


def _reached(events: Iterable[Event]) -> dict[str, str]:
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


def _calls(events: Iterable[Event]) -> Iterator[tuple[datetime, str, str]]:
    """Yield when, from and to which address, of connections on a port of remote control."""
    for event in events:
        if event.time and origin(event.logsource) in {"sysmon 3", "security 5156"} and text(event, "Initiated").lower() != "false":
            source, target = address(text(event, "SourceIp", "SourceAddress")), address(text(event, "DestinationIp", "DestAddress"))
            if source and target and text(event, "DestinationPort", "DestPort") in CONTROL_PORTS:
                yield event.time, source, target
