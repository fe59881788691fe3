"""Watch: what of the attacker's to look out for, and where the kept record names it already. Owns the choice; the lake looks."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from watchkeeper.evidence.naming import short, tail
from watchkeeper.model.entity import Entity
from watchkeeper.model.event import Event
from watchkeeper.model.impact import WatchItem, Watchlist
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.query import Query, Search
from watchkeeper.model.trace import Node, Trace
from watchkeeper.tracing.fact import named

_MOST_ITEMS, _MOST_SIGHTINGS, _SHARED_HOSTS = 20, 2_000, 8
_MARGIN = timedelta(hours=1)
_CHANGED = frozenset({"created", "added", "changed"})
_STANDING = frozenset({"system", "local service", "network service", "administrator", "anonymous logon", "root", "-"})
_HASH = re.compile(r"(?:SHA256|SHA1|MD5)=(?P<hash>[0-9A-Fa-f]{32,64})")
_Candidate = tuple[Entity, Note, str]
"""What to look out for, why, and the text by which events name it."""


def watch(incident: Incident, search: Search) -> Watchlist:
    """Name what follows the attacker and count where the record names it outside the incident.

    Needs the incident's trace; without one there is nothing to look out for. One bounded question to `search` an item.
    """
    if incident.trace is None:
        return Watchlist(items=(), why=(Note(code="impact.untraced"),))
    candidates = list({entity: (entity, why, name) for entity, why, name in _candidates(incident.trace)}.values())
    items: list[WatchItem] = []
    left: list[Note] = []
    for entity, why, name in candidates[:_MOST_ITEMS]:
        item = _item(entity, why, list(_sightings(name, incident, search)))
        if len(item.hosts) > _SHARED_HOSTS:
            left.append(Note(code="watch.shared", arguments={"value": entity.value, "hosts": str(len(item.hosts))}))
        else:
            items.append(item)
    if len(candidates) > _MOST_ITEMS:
        left.append(Note(code="watch.bounded", arguments={"count": str(len(candidates) - _MOST_ITEMS)}))
    return Watchlist(items=tuple(items), why=tuple(left))


def _candidates(trace: Trace) -> Iterator[_Candidate]:
    """Yield what to look out for, most specific first."""
    foreign = [node for node in trace.nodes if node.kind in {"process", "file"} and _foreign(node)]
    for node in foreign:
        found = _HASH.findall(node.details.get("hash", ""))
        if found and (node.kind == "process" or _runs(node)):
            strongest = max(found, key=len)
            yield Entity(kind="hash", value=strongest.lower()), Note(code="watch.hash"), strongest
    for entity in trace.attackers:
        yield entity, Note(code="watch.attacker"), entity.value
    for node in foreign:
        if node.kind == "process" or _runs(node):
            name = tail(node.details.get("image") or node.details.get("path") or node.label)
            yield Entity(kind="file", value=name.lower()), Note(code="watch.program"), name
    for node, code in _accounts(trace):
        yield Entity(kind="account", value=named(node.label)), Note(code=code), named(node.label)


def _foreign(node: Node) -> bool:
    path = node.details.get("image") or node.details.get("path", "")
    return bool(path) and short(path) == path and re.search(r"[\\/]", path) is not None


def _runs(node: Node) -> bool:
    return (
        node.details.get("path", node.label)
        .lower()
        .endswith((".exe", ".dll", ".ps1", ".vbs", ".js", ".bat", ".hta", ".scr", ".sys", ".docm", ".lnk"))
    )


def _accounts(trace: Trace) -> Iterator[tuple[Node, str]]:
    """Yield the accounts that the attack changed, then those that alerted things acted under."""
    changed = {edge.target for edge in trace.edges if edge.kind in _CHANGED}
    for node in trace.nodes:
        ordinary = named(node.label) in _STANDING or node.label.endswith("$")
        if node.kind == "user" and not ordinary and (node.id in changed or node.alerted):
            yield node, "watch.account" if node.id in changed else "watch.used"


def _sightings(name: str, incident: Incident, search: Search) -> Iterator[Event]:
    """Yield events that name it elsewhere, or on the incident's hosts well before or after."""
    start = incident.start - _MARGIN if incident.start else None
    end = incident.end + _MARGIN if incident.end else None
    for event in search(Query(mentions=(name,), limit=_MOST_SIGHTINGS)):
        if event.host not in incident.hosts or _outside(event.time, start, end):
            yield event


def _outside(time: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    return time is not None and ((start is not None and time < start) or (end is not None and time > end))


def _item(entity: Entity, why: Note, sightings: list[Event]) -> WatchItem:
    times = [event.time for event in sightings if event.time]
    hosts = tuple(sorted({event.host for event in sightings if event.host}))
    return WatchItem(
        entity=entity,
        why=why,
        sightings=len(sightings),
        first_seen=min(times, default=None),
        last_seen=max(times, default=None),
        hosts=hosts,
    )
