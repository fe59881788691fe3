"""The events an incident cites, numbered so that sentences can point at them. Owns the collecting; events come from a search."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.query import Query, Search
from watchkeeper.model.signal import Match, Signal
from watchkeeper.reporting.harmless import LIMIT

FIELDS = 8
"""How many fields of an event are shown beside those that made a rule fire."""
OF_AN_EDGE = 6
"""How many events of one edge of the graph are shown; the rest is counted, and named in `incidents.json`."""
WHOLE_OF_AN_EDGE, WHOLE, WHOLE_CHARS = 3, 150, 4_000
"""How many events of an edge are shown with all their fields, how many of an incident, and how much of one."""
TELLING = (
    "EventID", "CommandLine", "ParentCommandLine", "Image", "ParentImage", "TargetImage", "TargetFilename", "TargetObject", "User",
    "TargetUserName", "SubjectUserName", "IpAddress", "LogonType", "ServiceName", "ImagePath", "TaskName", "DestinationIp",
    "DestinationHostname", "DestinationPort", "QueryName", "Hashes", "id.orig_h", "id.resp_h", "id.resp_p", "query", "uri",
    "eventName", "sourceIPAddress", "userIdentity.arn", "signal.title", "exe", "comm", "addr", "acct", "alert.signature", "src_ip",
    "dest_ip",
)  # fmt: skip
"""Fields that tell most about an event, most telling first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cited event as the evidence table shows it."""

    number: int
    """Its number in this incident, from 1 in time order."""
    event_id: str
    time: datetime | None
    host: str
    rules: tuple[str, ...]
    """Titles of the rules that fired on it."""
    fields: tuple[tuple[str, str], ...]
    """Fields that matter, by name."""
    source: str
    """File and record it was read from; empty if the event was not looked up."""
    native: tuple[tuple[str, str], ...] = ()
    """Its native fields as they are kept; only of events that the graph shows, and as much of them as `WHOLE_CHARS` allow."""
    left_out: int = 0
    """Native fields that did not fit."""


@dataclass(frozen=True, slots=True)
class Cited:
    """The evidence table of one incident."""

    rows: tuple[Row, ...]
    numbers: Mapping[str, int]
    """Event id to row number."""


@dataclass(slots=True)
class _Pointer:
    """What the incident itself says about an event."""

    time: datetime | None = None
    host: str = ""
    notes: dict[str, None] | None = None


def cited(incident: Incident, search: Search | None, signals: pa.Table | None) -> Cited:
    """Collect the events that the incident's story, graph, plan and impact point to, in time order."""
    pointers = _pointers(incident)
    events = {event.id: event for event in _looked_up(tuple(pointers), search)}
    fired = _fired(tuple(pointers), signals)
    late = datetime.max.replace(tzinfo=UTC)
    whole = frozenset(islice(_of_the_graph(incident), WHOLE))
    order = sorted(pointers, key=lambda key: (_time(pointers[key], events.get(key)) or late, key))
    rows = tuple(
        _with_native(_row(at, key, pointers[key], events.get(key), fired.get(key, ())), events.get(key) if key in whole else None)
        for at, key in enumerate(order, 1)
    )
    return Cited(rows, MappingProxyType({row.event_id: row.number for row in rows}))


def _pointers(incident: Incident) -> dict[str, _Pointer]:
    pointers: dict[str, _Pointer] = {}
    for key, time, host, note in _mentions(incident):
        pointer = pointers.setdefault(key, _Pointer())
        pointer.time = pointer.time or time
        pointer.host = pointer.host or host
        if note:
            pointer.notes = (pointer.notes or {}) | {note: None}
    return pointers


def _mentions(incident: Incident) -> Iterator[tuple[str, datetime | None, str, str]]:
    if incident.trace:
        hosts = {node.id: node.host for node in incident.trace.nodes}
        for claim in incident.trace.story:
            yield from ((item.event_id, item.time, claim.host, item.note) for item in claim.evidence)
        for edge in incident.trace.edges:
            yield from ((key, edge.time, hosts.get(edge.source, ""), "") for key in edge.evidence[:OF_AN_EDGE])
    for opinion in incident.verdict.opinions if incident.verdict else ():
        for claim in opinion.claims:
            yield from ((item.event_id, item.time, claim.host, item.note) for item in claim.evidence)
    for action in incident.plan.actions if incident.plan else ():
        yield from ((key, None, "", "") for key in action.evidence)
    for touched in (*incident.impact.confirmed, *incident.impact.probable, *incident.impact.possible) if incident.impact else ():
        yield from ((key, None, "", "") for key in touched.evidence)


def _of_the_graph(incident: Incident) -> Iterator[str]:
    """Give the events that the graph shows, the first of every edge before the second of any."""
    edges = incident.trace.edges if incident.trace else ()
    yield from dict.fromkeys(edge.evidence[at] for at in range(WHOLE_OF_AN_EDGE) for edge in edges if at < len(edge.evidence))


def _looked_up(ids: tuple[str, ...], search: Search | None) -> Iterator[Event]:
    if search is not None and ids:
        yield from search(Query(ids=ids))


def _fired(ids: tuple[str, ...], signals: pa.Table | None) -> dict[str, list[Signal]]:
    if signals is None or not ids:
        return {}
    found = signals.filter(pc.is_in(signals["event_id"], value_set=pa.array(ids, pa.string())))
    fired: dict[str, list[Signal]] = {}
    for row in found.select(list(Signal.model_fields)).to_pylist():
        signal = Signal.model_validate(row)
        fired.setdefault(signal.event_id, []).append(signal)
    return fired


def _time(pointer: _Pointer, event: Event | None) -> datetime | None:
    return (event.time if event else None) or pointer.time


def _row(number: int, key: str, pointer: _Pointer, event: Event | None, fired: Sequence[Signal]) -> Row:
    matches = [match for signal in fired for match in signal.matches]
    return Row(
        number,
        key,
        _time(pointer, event),
        (event.host if event else "") or pointer.host or next((signal.host for signal in fired), ""),
        tuple(dict.fromkeys(signal.title for signal in fired)),
        _fields(pointer.notes or {}, matches, event),
        f"{event.source} #{event.row}" if event else next((f"{signal.source} #{signal.row}" for signal in fired), ""),
    )


def _with_native(row: Row, event: Event | None) -> Row:
    """Add the event's own fields in their order, as far as they fit."""
    if event is None:
        return row
    native: list[tuple[str, str]] = []
    room = WHOLE_CHARS
    for name, value in event.fields.items():
        text = value if isinstance(value, str) else ", ".join(value)
        shortest = min(len(text), LIMIT)
        if room < len(name) + shortest:
            break
        room -= len(name) + shortest
        native.append((name, text))
    return replace(row, native=tuple(native), left_out=len(event.fields) - len(native))


def _fields(notes: Mapping[str, None], matches: Sequence[Match], event: Event | None) -> tuple[tuple[str, str], ...]:
    """Give the fields that made rules fire, then what claims point out, then the event's most telling ones."""
    fields = {match.field: match.value for match in matches}
    for note in notes:
        name, equals, value = note.partition("=")
        fields.setdefault(name if equals else "", value if equals else note)
    if event:
        telling = [name for name in TELLING if name in event.fields and name not in fields][:FIELDS]
        fields |= {name: value if isinstance(value := event.fields[name], str) else ", ".join(value) for name in telling}
    return tuple(fields.items())
