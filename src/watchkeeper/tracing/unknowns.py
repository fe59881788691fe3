"""Unknowns: what a trace could not see, and how far back it goes. Owns these notes; the wording stands in the lexicon."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from watchkeeper.evidence import origin, reading
from watchkeeper.evidence.predicates import TRAFFIC
from watchkeeper.model.event import Event
from watchkeeper.model.note import Note
from watchkeeper.tracing.audit import CALLS
from watchkeeper.tracing.fact import Thing, text
from watchkeeper.tracing.hubs import is_carrier, is_hub
from watchkeeper.tracing.neighbourhood import Neighbourhood
from watchkeeper.tracing.picture import Picture
from watchkeeper.tracing.ranking import Reached

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
    if not near.full:
        found.append(Note(code="trace.cut", arguments={"events": str(len(near.events))}))
    if picture.left_out > 0:
        found.append(Note(code="trace.left-out", arguments={"count": str(picture.left_out)}))
    return (*found, *_clocks(near))


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


def entry(picture: Picture, near: Neighbourhood) -> tuple[str | None, Note]:
    """Give the key of the earliest thing in the chain that leads to what was alerted, and say how sure that is."""
    back = _ancestors(picture)
    roots = back - {target for source, target, kind in picture.pairs if kind in _CAUSES and source in back}
    dated = {key: when for key in roots or back if (when := _first(key, picture)) is not None}
    if not dated:
        return next(iter(picture.chosen), None), Note(code="trace.entry-undated" if picture.chosen else "trace.nothing")
    key = min(dated, key=lambda key: (_inwardness(picture.chosen[key].thing), dated[key]))
    return key, _sureness(picture.chosen[key], dated[key], near, picture)


_CAUSES = frozenset(
    {"started", "became", "wrote", "downloaded", "owned", "logged-on", "injected", "went-on", "accepted", "came-as", "installed", "created"}
)


def _inwardness(thing: Thing) -> int:
    """Order where a trail may begin: outside, what brings in from outside, a program or file, a session of the host's own."""
    if thing.kind in {"address", "domain", "url"}:
        return 0
    if is_carrier(thing):
        return 1
    return 3 if thing.kind in {"user", "logon", "registry"} else 2


def _ancestors(picture: Picture) -> set[str]:
    """Follow causes back from the nearest alerted things; ordinary parents are where it ends, what brings in from outside is not."""
    into: dict[str, list[str]] = {}
    for source, target, kind in picture.pairs:
        if kind == "injected" or (kind in _CAUSES and not is_hub(picture.chosen[target].thing)):
            into.setdefault(target, []).append(source)
    starts = [
        key
        for key, item in picture.chosen.items()
        if item.via is None and not is_hub(item.thing) and item.thing.kind not in {"host", "user"}
    ]
    waiting = starts[:1] or list(picture.chosen)[:1]
    found: set[str] = set(waiting)
    while waiting:
        for key in into.get(waiting.pop(), []):
            if key not in found and picture.chosen[key].thing.kind != "host":
                found.add(key)
                waiting.append(key)
    return {key for key in found if not is_hub(picture.chosen[key].thing) or is_carrier(picture.chosen[key].thing)}


def _first(key: str, picture: Picture) -> datetime | None:
    """Give when a thing is first seen as cause or effect of another chosen thing; if it is neither, when it is first seen."""
    touching = [(kind in _CAUSES, facts) for (source, target, kind), facts in picture.pairs.items() if key in {source, target}]
    causes = [facts for causal, facts in touching if causal]
    times = [fact.event.time for facts in causes or [facts for _, facts in touching] for fact in facts]
    via = picture.chosen[key].via
    known = [time for time in (*times, via.event.time if via else None) if time]
    return min(known, default=None)


def _sureness(item: Reached, when: datetime, near: Neighbourhood, picture: Picture) -> Note:
    begins = min((event.time for event in near.events.values() if event.time), default=when)
    said: Mapping[str, str] = {
        "entry": item.thing.label,
        "time": when.isoformat(timespec="seconds"),
        "begins": begins.isoformat(timespec="seconds"),
    }
    if any(thing.key == item.thing.key for thing, _ in picture.unborn):
        return Note(code="trace.entry-before", arguments=dict(said))
    outer = item.thing.kind in {"address", "domain", "url"} or is_carrier(item.thing)
    return Note(code="trace.entry-outside" if outer else "trace.entry-inside", arguments=dict(said))
