"""Flows: what the network saw of an attack's connections. Owns matching Zeek's records by end points, names and connection ids."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from watchkeeper.evidence import origin
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query, Search
from watchkeeper.tracing.fact import text

_MOST, _MOST_NAMES = 20_000, 24
_MOST_CALLERS = 6
_ZEEK = (LogSource(product="zeek"),)

Ends = tuple[str, str, str, str]
"""Source address and port, destination address and port."""


def flows(connections: Iterable[Event], outside: set[str], span: tuple[datetime, datetime], search: Search) -> Iterator[Event]:
    """Yield the network's records of these connections, of what touches the outside addresses and names, and of the same ids."""
    wanted = {_ends(event) for event in connections}
    names = tuple(sorted(outside | {ends[2] for ends in wanted} - {""}))[:_MOST_NAMES]
    if not names:
        return
    near = tuple(search(Query(start=span[0], end=span[1], logsources=_ZEEK, mentions=names, limit=_MOST)))
    theirs = outside - _shared(near, outside)
    direct = {event.id: event for event in near if _seen(event) in wanted or not theirs.isdisjoint(_named(event))}
    ids = {text(event, "uid") for event in direct.values()} - {""}
    yield from (event for event in near if event.id in direct or text(event, "uid") in ids)


def visitors(pages: set[str], span: tuple[datetime, datetime], search: Search) -> set[str]:
    """Give the addresses that asked a web server for any of these pages."""
    if not pages:
        return set()
    http = (LogSource(product="zeek", service="http"),)
    asked = search(Query(start=span[0], end=span[1], logsources=http, mentions=tuple(sorted(pages)), limit=_MOST))
    return {text(event, "id.orig_h") for event in asked if any(page in text(event, "uri").lower() for page in pages)} - {""}


def _ends(event: Event) -> Ends:
    if origin(event.logsource) == "sysmon 3":
        return text(event, "SourceIp"), text(event, "SourcePort"), text(event, "DestinationIp"), text(event, "DestinationPort")
    return text(event, "SourceAddress"), text(event, "SourcePort"), text(event, "DestAddress"), text(event, "DestPort")


def _seen(event: Event) -> Ends:
    return text(event, "id.orig_h"), text(event, "id.orig_p"), text(event, "id.resp_h"), text(event, "id.resp_p")


def _named(event: Event) -> set[str]:
    return {text(event, name).lower() for name in ("id.orig_h", "id.resp_h", "query", "server_name", "host")}


def _shared(near: Iterable[Event], outside: set[str]) -> set[str]:
    """Give the ends that so many machines talk to that they serve the organisation; only exact connections to them belong."""
    callers: dict[str, set[str]] = {}
    for event in near:
        for end in _named(event) & outside:
            callers.setdefault(end, set()).add(text(event, "id.orig_h"))
    return {end for end, machines in callers.items() if len(machines) > _MOST_CALLERS}
