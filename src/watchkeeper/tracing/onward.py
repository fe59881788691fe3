"""Onward: how an attack went from host to host. Owns joining a logon from another host with what made it there and what it brought here."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from watchkeeper.evidence import origin
from watchkeeper.evidence.naming import tail
from watchkeeper.model.event import Event
from watchkeeper.tracing.accounts import person
from watchkeeper.tracing.addresses import CONTROL_PORTS
from watchkeeper.tracing.fact import Fact, Thing, named, text
from watchkeeper.tracing.families.pattern import Cast, machine
from watchkeeper.tracing.families.process import session_of
from watchkeeper.tracing.processes import OPENER
from watchkeeper.tracing.ways import Ways, way_of
from watchkeeper.tracing.worth import Step, worth

_SOON = timedelta(seconds=5)
_RUNS_SOON = timedelta(seconds=60)
_SLACK = 1.0
"""Seconds by which a log that counts whole seconds may put a logon before the connection that it came over."""
_BROKERED = frozenset({"winrm", "wmi", "dcom"})
_REMOTE_TYPES = frozenset({"", "3", "8", "10", "12"})
_NO_GUID = frozenset({"", "{00000000-0000-0000-0000-000000000000}"})
_MOST_USUAL = 2_000


class _Reached:
    """Connections from one host of the record to another on a port of remote control, as either end saw them."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._to: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for fact in facts:
            source, target = fact.source.host, fact.target.host
            controls = fact.kind in {"connected", "accepted"} and fact.arguments.get("port", "") in CONTROL_PORTS
            if controls and source and target and source != target:
                self._to[target].append((_moment(fact), source))
        for found in self._to.values():
            found.sort()

    def last(self, event: Event) -> str:
        """Give the one host that connected to an event's host within seconds before it; empty if none or several did."""
        found, when = self._to.get(event.host, []), _when(event)
        first = bisect_left(found, (when - _SOON.total_seconds(), ""))
        hosts = {host for moment, host in found[first : bisect_left(found, (when + _SLACK, ""))] if moment <= when + _SLACK}
        return next(iter(hosts)) if len(hosts) == 1 else ""


@dataclass(frozen=True, slots=True)
class _Records:
    """What is looked up for each logon."""

    cast: Cast
    ways: Ways
    tickets: Mapping[str, Event]
    """Logon GUID to the ticket that a domain controller gave for it."""
    passwords: Mapping[str, Event]
    """Logon GUID to the use of a password that led to it, as its source recorded it."""
    hosts: frozenset[str]
    reached: _Reached


def onward(events: Sequence[Event], facts: Sequence[Fact], cast: Cast) -> list[Fact]:
    """Give every edge, and each logon from a host of the record to another as one `went-on` with the events of both sides.

    It begins at the process that connected or gave the password where that is known, else at the host. The session's details say which
    way it was worked, and from where. A plain logon over the network of which neither end shows more stays as it is.
    """
    passwords, tickets = _by_guid(events, "security 4648", "TargetLogonGuid"), _by_guid(events, "security 4769", "LogonGuid")
    records = _Records(cast, Ways(events), tickets, passwords, frozenset(event.host for event in events), _Reached(facts))
    arrived = [fact for fact in facts if _arrives(fact)]
    arrived += _unlogged(events, {fact.target.key for fact in arrived}, records)
    remote = [found for fact in arrived if (found := _placed(fact, records)) is not None]
    callers = _callers(facts, remote)
    steps = _steps(remote, events)
    moves = [move for fact in remote for move in _moves(fact, callers.get(fact.event.id, ()), records, steps)]
    told = {move.event.id for move in moves if move.predicate}
    kept = (fact for fact in facts if not (fact.kind == "logged-on" and fact.event.id in told))
    sessions = {move.target.key: move.target for move in moves}
    return [_enriched(fact, sessions) for fact in (*kept, *moves, *_services(facts, moves))]


def _arrives(fact: Fact) -> bool:
    """Say whether it is a logon that may have come over the network."""
    remote = text(fact.event, "LogonType") in _REMOTE_TYPES
    return fact.kind == "logged-on" and fact.target.kind == "logon" and fact.event.time is not None and remote


def _unlogged(events: Iterable[Event], logged: set[str], records: _Records) -> Iterator[Fact]:
    """Yield, as logons, sessions whose logon is not in the record and in which a remote broker ran right after a connection to its port."""
    for event in events:
        session = session_of(event, records.cast) if way_of(event) in _BROKERED else None
        caller = records.reached.last(event) if session and session.key not in logged else ""
        if session and caller:
            logged.add(session.key)
            yield Fact("logged-on", machine(caller), session, event, about_target=True)


def _placed(fact: Fact, records: _Records) -> Fact | None:
    """Give the logon with the host that it came from: by its address, else its GUID, else the name it gave; none if not known."""
    guid, event = text(fact.event, "LogonGuid").lower(), fact.event
    source: Thing | None = fact.source
    if fact.source.kind != "host":
        ticket, password = records.tickets.get(guid), records.passwords.get(guid)
        place = records.cast.place(text(ticket, "IpAddress"), ticket.time) if ticket else None
        name = text(event, "WorkstationName", "Workstation").split(".")[0].lower()
        named_host = password.host if password else name if name in records.hosts else ""
        named_host = named_host or (records.reached.last(event) if fact.source.kind == "user" and person(fact.target.label) else "")
        source = place if place and place.kind == "host" else machine(named_host) if named_host else None
    return replace(fact, source=source) if source and source.host and source.host != fact.target.host else None


def _by_guid(events: Iterable[Event], kind: str, field: str) -> dict[str, Event]:
    found = {text(event, field).lower(): event for event in events if origin(event.logsource) == kind}
    return {guid: event for guid, event in found.items() if guid not in _NO_GUID}


def _callers(facts: Iterable[Fact], logons: Sequence[Fact]) -> dict[str, list[Fact]]:
    """Give, by the id of the logon that followed within seconds, connections to its host on a port of remote control."""
    between: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for logon in sorted(logons, key=_moment):
        between[logon.source.host, logon.target.host].append(logon)
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "connected" and fact.target.kind == "host" and fact.arguments.get("port", "") in CONTROL_PORTS:
            following = between.get((fact.source.host, fact.target.host), [])
            at = bisect_left(following, _moment(fact) - _SLACK, key=_moment)
            if at < len(following) and _moment(following[at]) - _moment(fact) <= _SOON.total_seconds():
                found[following[at].event.id].append(fact)
    return found


def _moves(logon: Fact, callers: Sequence[Fact], records: _Records, steps: Sequence[Step]) -> Iterator[Fact]:
    """Yield one edge for each process that led to the logon, or one from its host if only the target shows how it was worked."""
    way = records.ways.of(logon)
    password = records.passwords.get(text(logon.event, "LogonGuid").lower())
    user = records.cast.processes.named(password, OPENER) if password and password.host == logon.source.host else None
    sources = {fact.source.key: fact.source for fact in callers} | ({user.key: user} if user and user.kind == "process" else {})
    if not way.name and not sources:
        return
    details = {"way": way.name or "logon", "from": logon.source.host} | dict(logon.target.details)
    target = replace(logon.target, details=details)
    number = _worth(logon, steps)
    for source in sources.values() or (logon.source,):
        alone = source.kind == "host"
        move = replace(logon, kind="went-on", source=source, target=target, worth=number)
        move = move if alone else replace(move, predicate="", arguments={})
        yield move
        theirs = [fact.event for fact in callers if fact.source.key == source.key] + ([password] if password and source == user else [])
        yield from (replace(move, event=event, predicate="", arguments={}, about_target=False) for event in theirs)
        yield from (replace(move, event=event, predicate="", arguments={}) for event in way.shown_by)


def _steps(logons: Iterable[Fact], events: Iterable[Event]) -> list[Step]:
    """Give the logons from host to host, earliest first, with whether their session had administrative privileges."""
    privileged = {(event.host, text(event, "SubjectLogonId").lower()) for event in events if origin(event.logsource) == "security 4672"}
    return [_step(logon, privileged) for logon in sorted(logons, key=_moment)[:_MOST_USUAL] if person(logon.target.label)]


def _step(logon: Fact, privileged: set[tuple[str, str]]) -> Step:
    raised = (logon.target.host, text(logon.event, "TargetLogonId").lower()) in privileged
    time = logon.event.time
    if time is None:
        raise ValueError(f"a logon without a time is no step: {logon.event.id!r}")
    return Step(logon.source.host, logon.target.host, named(logon.target.label), time, raised)


def _worth(logon: Fact, steps: Sequence[Step]) -> float:
    key = (logon.source.host, logon.target.host, named(logon.target.label), logon.event.time)
    step = next((step for step in steps if (step.source, step.target, step.user, step.time) == key), None)
    return worth(step, steps) if step else 0.0


def _services(facts: Sequence[Fact], moves: Iterable[Fact]) -> Iterator[Fact]:
    """Yield from the session that had a service installed to the service, and from a service to the process it ran as."""
    sessions = {move.event.id: move.target for move in moves if move.target.details.get("way") == "service"}
    starts: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "started" and fact.source.label.lower() == "services.exe":
            starts[fact.target.host].append(fact)
    for fact in facts:
        if fact.kind == "installed" and fact.target.kind == "service" and fact.event.time:
            session = sessions.get(fact.event.id)
            if session is not None:
                yield replace(fact, source=session)
            yield from (replace(start, source=fact.target) for start in starts[fact.target.host] if _runs(fact, start))


def _runs(installed: Fact, start: Fact) -> bool:
    """Say whether a process is the service's: started within a minute, with the program that the service was installed to run."""
    program = tail(text(installed.event, "ImagePath", "ServiceFileName").strip('"').split(" -")[0].split(" /")[0]).strip('"').lower()
    soon = 0 <= _moment(start) - _moment(installed) <= _RUNS_SOON.total_seconds()
    return soon and bool(program) and program in (start.target.label.lower(), *text(start.event, "CommandLine").lower().split("\\"))


def _enriched(fact: Fact, sessions: Mapping[str, Thing]) -> Fact:
    """Let a session say in every edge how it came about."""
    source, target = sessions.get(fact.source.key), sessions.get(fact.target.key)
    return replace(fact, source=source or fact.source, target=target or fact.target) if source or target else fact


def _moment(fact: Fact) -> float:
    return _when(fact.event)


def _when(event: Event) -> float:
    return event.time.timestamp() if event.time else float("inf")
