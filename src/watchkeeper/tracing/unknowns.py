"""Unknowns: what a trace could not see. Owns these notes; the wording stands in the lexicon."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address

from watchkeeper.evidence import origin, reading
from watchkeeper.evidence.predicates import TRAFFIC
from watchkeeper.model.event import Event
from watchkeeper.model.note import Note
from watchkeeper.tracing.audit import CALLS
from watchkeeper.tracing.fact import text
from watchkeeper.tracing.neighbourhood import Neighbourhood
from watchkeeper.tracing.picture import Picture
from watchkeeper.tracing.skew import skews

_STARTS = frozenset({"sysmon 1", "security 4688", "Process Activity", *CALLS})
_NETWORK = frozenset({"sysmon 3", "security 5156", "zeek conn", "zeek http", "zeek ssl", "suricata flow", "suricata alert", *TRAFFIC})
_LOGONS = frozenset({"security 4624", "security 4625", "Authentication"})
_APART = timedelta(minutes=5)
_STAMPS = ("TimeCreated", "@timestamp", "EventTime")


def unknowns(near: Neighbourhood, picture: Picture, hosts: tuple[str, ...]) -> tuple[Note, ...]:
    """Say what is not in the record: kinds of logs, starts of processes, what was cut, and clocks that disagree."""
    found: list[Note] = []
    for host in hosts:
        kinds = _kinds(event for event in near.events.values() if event.host == host)
        for missing, code in ((_STARTS, "trace.no-starts"), (_NETWORK, "trace.no-network"), (_LOGONS, "trace.no-logons")):
            if kinds and not kinds & missing:
                found.append(Note(code=code, arguments={"host": host}))
    found += [Note(code="trace.unborn", arguments={"process": thing.label, "host": thing.host}) for thing, _ in picture.unborn]
    found += [Note(code="trace.gap", arguments={"before": gap.before.label, "after": gap.after.label}) for gap in picture.gaps]
    if not near.full:
        found.append(Note(code="trace.cut", arguments={"events": str(len(near.events))}))
    if picture.left_out > 0:
        found.append(Note(code="trace.left-out", arguments={"count": str(picture.left_out)}))
    found += _unplaced(picture)
    return (*found, *_clocks(near), *_skews(near))


def _unplaced(picture: Picture) -> list[Note]:
    """Say which addresses of the own network opened sessions though no log says whose they were."""
    found: dict[str, Note] = {}
    for source, target, kind in picture.pairs:
        thing, session = picture.chosen[source].thing, picture.chosen[target].thing
        if kind == "logged-on" and thing.kind == "address" and ip_address(thing.label).is_private and session.host:
            found[thing.label] = Note(code="trace.unplaced", arguments={"address": thing.label, "host": session.host})
    return list(found.values())


def _skews(near: Neighbourhood) -> list[Note]:
    return [
        Note(
            code="trace.clock-local" if skew.local else "trace.clock-skew",
            arguments={"one": skew.one, "other": skew.other, "difference": _spoken(skew.apart)},
        )
        for skew in skews(near.events.values())
    ]


def _kinds(events: Iterable[Event]) -> set[str]:
    """Name the kinds of logs among events, and what the schema calls those that are not Windows'."""
    one_each = {(event.logsource.product, event.logsource.service, event.logsource.event_type): event for event in events}
    others = {reading(event).class_name for event in one_each.values() if event.logsource.product != "windows"}
    return {origin(event.logsource) for event in one_each.values()} | others


def _clocks(near: Neighbourhood) -> list[Note]:
    notes = [
        Note(code="trace.clock-security", arguments={"host": host, "difference": _spoken(offset)})
        for host, offset in sorted(near.cast.processes.offsets.items())
    ]
    apart: dict[str, timedelta] = {}
    for event in near.events.values():
        if event.host not in apart and (difference := stamped_apart(event)):
            apart[event.host] = difference
    return notes + [Note(code="trace.clock-stamp", arguments={"host": host, "difference": _spoken(apart[host])}) for host in sorted(apart)]


def stamped_apart(event: Event) -> timedelta | None:
    """Give how far a Sysmon process start's own UTC lies from the stamp of the record it stands in; none if they agree."""
    if origin(event.logsource) != "sysmon 1":
        return None
    own, stamp = _read(text(event, "UtcTime")), _read(text(event, *_STAMPS))
    difference = own - stamp if own and stamp else timedelta()
    return difference if abs(difference) > _APART else None


def _read(value: str) -> datetime | None:
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None


def _spoken(difference: timedelta) -> str:
    seconds = int(difference.total_seconds())
    return f"{'-' if seconds < 0 else '+'}{abs(seconds) // 3600}:{abs(seconds) % 3600 // 60:02d}"
