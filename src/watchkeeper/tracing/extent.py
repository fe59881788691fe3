"""Extent: every event that belongs to an attack, drawn or not. Owns following it from host to host; what a person sees is `picture`'s."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.evidence import origin
from watchkeeper.evidence.naming import tail
from watchkeeper.model.entity import Entity
from watchkeeper.model.event import Event
from watchkeeper.model.query import Query, Search
from watchkeeper.tracing import sources
from watchkeeper.tracing.accounts import Used, person, recorded
from watchkeeper.tracing.addresses import Addresses
from watchkeeper.tracing.alerted import Alerts
from watchkeeper.tracing.fact import address, named, text
from watchkeeper.tracing.flows import flows, visitors
from watchkeeper.tracing.lineage import Lineage

BEFORE, AFTER = timedelta(minutes=60), timedelta(minutes=60)
"""How far around the signals the hosts are read."""
MOST_HOSTS = 12
_MOST_EVENTS, _MOST_ALERTED, _MOST_LOGONS, _ROUNDS = 60_000, 4_000, 2_000, 4
_LOGON_PORTS = frozenset({"22", "88", "135", "139", "445", "3389", "5985", "5986"})
_CONNECTED = sources.windows(sources.SYSMON, "3")
_MOST_CALLERS = 4
_FEW = 5
_SOON = timedelta(seconds=60)
_ASKED = frozenset({"security 4625", "security 4768", "security 4769", "security 4771", "security 4776"})
"""What a host records of accounts that were checked, or turned away: nothing was done on it."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What belongs to an attack."""

    events: tuple[str, ...]
    """Ids of its events, in time order."""
    outside: tuple[Entity, ...]
    """The attackers' addresses and domains, with those that only the attack's processes talked to."""
    contacts: Mapping[str, tuple[str, ...]]
    """Address that the attack's processes connected to, with the ids of a few of these events."""
    acted: Mapping[str, tuple[str, ...]]
    """Host on which the attack ran, logged on or opened shares, with the ids of a few of the events there that show it."""


def extent(hosts: tuple[str, ...], alerted: Alerts, attackers: tuple[Entity, ...], search: Search) -> Extent:
    """Find the events that the attack's processes, sessions, accounts and connections show.

    Begins with the alerted events; a process belongs with its children, a logon that such a process made on another host belongs with
    what is done in it. Work is bounded: at most `MOST_HOSTS` hosts, each read once.
    """
    signalled = tuple(search(Query(ids=tuple(alerted)[:_MOST_ALERTED], limit=_MOST_ALERTED)))
    times = [event.time for event in signalled if event.time]
    if not times:
        return Extent(tuple(event.id for event in signalled), attackers, {}, {})
    growing = _Growing(search, alerted, {entity.value for entity in attackers}, (min(times) - BEFORE, max(times) + AFTER))
    growing.read(hosts)
    for _ in range(_ROUNDS):
        if not growing.grow():
            break
    theirs = tuple(growing.held())
    held = {event.id: event for event in (*signalled, *theirs)}
    found = {(entity.kind, entity.value): entity for entity in (*attackers, *growing.outside())}
    events = tuple(sorted(held, key=lambda id_: (_moment(held[id_]), id_)))
    return Extent(events, tuple(found.values()), growing.contacts(), _acted(theirs))


def _acted(theirs: Iterable[Event]) -> dict[str, tuple[str, ...]]:
    """Give by named host a few of the attack's events that record what it did there, not what the host was merely asked."""
    found: dict[str, tuple[str, ...]] = {}
    for event in theirs:
        if event.host and not address(event.host) and origin(event.logsource) not in _ASKED:
            found[event.host] = (*found.get(event.host, ()), event.id)[:_FEW]
    return found


class _Growing:
    """What was read so far, and the lineage in it."""

    def __init__(self, search: Search, alerted: Alerts, attackers: set[str], span: tuple[datetime, datetime]) -> None:
        self._search = search
        self._alerted = alerted
        self._attackers = attackers
        self._span = span
        self._events: dict[str, Event] = {}
        self._hosts: set[str] = set()
        self._sessions: set[tuple[str, str]] = set()
        self._callers: set[str] = set()
        self._borrowed: dict[str, set[str]] = {}
        """Host to accounts that its members logged on with elsewhere."""
        self._carried: dict[str, Event] = {}
        """Connections that the system made on behalf of the attack, such as SMB."""
        self._lineage = Lineage((), alerted, frozenset())
        self._learnt = 0, Addresses(())

    def read(self, hosts: Iterable[str]) -> bool:
        """Read hosts that were not read yet, as far as the bound allows, and say whether there were any."""
        fresh = [host for host in dict.fromkeys(hosts) if host and host not in self._hosts][: MOST_HOSTS - len(self._hosts)]
        for host in fresh:
            start, end = self._span
            for event in self._search(Query(hosts=(host,), start=start, end=end, logsources=sources.ACTS, limit=_MOST_EVENTS)):
                self._events[event.id] = event
        self._hosts.update(fresh)
        return bool(fresh)

    def grow(self) -> bool:
        """Follow the lineage through what was read, then its logons onto other hosts; say whether something was new."""
        self._lineage = Lineage(tuple(self._events.values()), self._alerted, frozenset(self._sessions), frozenset(self._callers))
        callers = self._called()
        logons = [event for event in self._logons() if self._is_ours(event)]
        found = {(event.host, text(event, "TargetLogonId").lower()) for event in logons}
        new = found - self._sessions
        self._sessions |= found
        fresh = [event for event in callers if event.id not in self._callers]
        self._callers |= {event.id for event in callers}
        self._events.update({event.id: event for event in (*logons, *callers)})
        return self.read(event.host for event in (*logons, *callers)) or bool(new) or bool(fresh)

    def held(self) -> Iterator[Event]:
        """Yield what belongs: events of the hosts, logon attempts of the attackers, and flows."""
        yield from self._lineage.events()
        yield from self._carried.values()
        yield from recorded(self._used(), self._span, self._search)
        outside = (
            self._attackers | self._lineage.domains() | self._lineage.outside() | visitors(self._lineage.pages(), self._span, self._search)
        )
        yield from flows((*self._lineage.connections(), *self._carried.values()), outside, self._span, self._search)

    def outside(self) -> Iterator[Entity]:
        """Yield the addresses and domains that only the attack's processes talked to."""
        yield from (Entity(kind="address", value=value) for value in sorted(self._lineage.outside()))
        yield from (Entity(kind="domain", value=value) for value in sorted(self._lineage.domains()) if "." in value)

    def contacts(self) -> dict[str, tuple[str, ...]]:
        """Give the addresses members connected to, with a few events each."""
        found: dict[str, tuple[str, ...]] = {}
        for event in self._lineage.connections():
            end = address(text(event, "DestinationIp", "DestAddress"))
            if end:
                found[end] = (*found.get(end, ()), event.id)[:_FEW]
        return found

    def _used(self) -> Used:
        since = self._lineage.since()
        return Used(
            outside=frozenset(value for value in self._attackers if address(value)),
            hosts={found: host for found, host in self._own().items() if host in since},
            users={host: frozenset(self._users(host)) for host in since},
            since=since,
        )

    def _users(self, host: str) -> set[str]:
        return self._lineage.users(host) | {user for user in self._borrowed.get(host, ()) if person(user)}

    def _own(self) -> dict[str, str]:
        return {found: host for found, host in self._addresses().settled.items() if host in self._hosts}

    def _addresses(self) -> Addresses:
        """Learn addresses anew only where events came in."""
        count, known = self._learnt
        if count != len(self._events):
            known = Addresses(self._events.values())
            self._learnt = len(self._events), known
        return known

    def _logons(self) -> Iterator[Event]:
        start, end = self._span
        sought = tuple(sorted({*self._addresses().of(self._hosts), *(value for value in self._attackers if address(value))}))[:16]
        if sought:
            logons = tuple(source for source in sources.LOGONS if source.event_type == "4624")
            yield from self._search(Query(start=start, end=end, logsources=logons, mentions=sought, limit=_MOST_LOGONS))

    def _called(self) -> list[Event]:
        """Give the connections of any host to the attackers' addresses, unless so many programs make them that the address is shared."""
        start, end = self._span
        sought = {value for value in self._attackers if address(value)} | self._lineage.outside()
        if not sought:
            return []
        asked = Query(start=start, end=end, logsources=_CONNECTED, mentions=tuple(sorted(sought))[:16], limit=_MOST_LOGONS)
        by_address: dict[str, list[Event]] = {}
        for event in self._search(asked):
            by_address.setdefault(address(text(event, "DestinationIp")) or "", []).append(event)
        return [event for found, events in by_address.items() if found in sought and _is_rare(events) for event in events]

    def _is_ours(self, logon: Event) -> bool:
        """Say whether a logon came from an attacker's address, or was made by a process or an account of the attack."""
        came_from = address(text(logon, "IpAddress")) or ""
        if came_from in self._attackers:
            return True
        host = self._addresses().at(came_from, logon.time)
        if host not in self._hosts or host == logon.host:
            return False
        port, user = text(logon, "IpPort"), named(text(logon, "TargetUserName"))
        made = [event for event in self._lineage.outward(host) if _near(event, logon)]
        if any(port and text(event, "SourcePort") == port for event in made):
            self._borrowed.setdefault(host, set()).add(user)
            return True
        if user not in self._users(host):
            return False
        carried = [event for event in self._events.values() if event.host == host and port and text(event, "SourcePort") == port]
        self._carried.update({event.id: event for event in carried if _near(event, logon)})
        return bool(carried) or any(text(event, "DestinationPort") in _LOGON_PORTS for event in made)


def _is_rare(events: list[Event]) -> bool:
    images = {tail(text(event, "Image")).lower() for event in events}
    return len(images) <= _MOST_CALLERS and len({event.host for event in events}) <= MOST_HOSTS // 2


def _moment(event: Event) -> float:
    return event.time.timestamp() if event.time else float("inf")


def _near(one: Event, other: Event) -> bool:
    return one.time is not None and other.time is not None and abs(one.time - other.time) <= _SOON
