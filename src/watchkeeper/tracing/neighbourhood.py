"""Neighbourhood: the events that may belong to an incident. Owns what is asked of the record, in a few bounded questions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.evidence import origin
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query, Search
from watchkeeper.tracing import sources
from watchkeeper.tracing.alerted import Alerts
from watchkeeper.tracing.chain import Chain, chain
from watchkeeper.tracing.entry import CONTAINERS
from watchkeeper.tracing.fact import Fact, address, text
from watchkeeper.tracing.families import alert, facts
from watchkeeper.tracing.families.pattern import Cast
from watchkeeper.tracing.onward import onward, reached_addresses
from watchkeeper.tracing.processes import Processes
from watchkeeper.tracing.telling import is_telling

BEFORE, AFTER = timedelta(hours=2), timedelta(hours=1)
"""How far around an incident's signals its hosts are read."""
_MOST_NAMES, _NEAREST = 16, 6
_MOST_ALERTED, _MOST_SKELETON, _MOST_DETAIL, _MOST_OTHER = 4_000, 40_000, 20_000, 4_000


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The events around an incident and the edges they show."""

    events: Mapping[str, Event]
    cast: Cast
    facts: tuple[Fact, ...]
    full: bool
    """No question was cut at its limit."""


class _Gathered:
    """Events by id, and whether a question was cut."""

    def __init__(self, search: Search) -> None:
        self.events: dict[str, Event] = {}
        self.full = True
        self._search = search

    def ask(self, query: Query) -> None:
        found = 0
        for event in self._search(query):
            self.events[event.id] = event
            found += 1
        self.full = self.full and found < query.limit

    def known(self, alerted: Alerts) -> tuple[Cast, tuple[Fact, ...]]:
        """Read every edge; of alerted events that no family reads, what their signals name."""
        events = tuple(self.events.values())
        cast = Cast(Processes(events), reached_addresses(events) | own_addresses(events))
        shown = list(facts(events, cast))
        shown += onward(shown)
        read = {fact.event.id for fact in shown}
        for id_ in alerted:
            if id_ in self.events and id_ not in read:
                shown += alert.named(self.events[id_], alerted[id_].entities, cast)
        return cast, tuple(fact for fact in shown if is_telling(fact, alerted))


def gather(incident: Incident, alerted: Alerts, search: Search) -> Neighbourhood:
    """Read the alerted events, their hosts' skeleton, then what names the chain that shows in these."""
    gathered = _Gathered(search)
    gathered.ask(Query(ids=tuple(alerted)[:_MOST_ALERTED], limit=_MOST_ALERTED))
    hosts = incident.hosts or tuple({event.host for event in gathered.events.values() if event.host})
    spans = _spans(gathered.events.values())
    if hosts:
        for start, end in spans:
            gathered.ask(Query(hosts=hosts, start=start, end=end, logsources=sources.SKELETON, limit=_MOST_SKELETON))
    found = _chain(gathered, alerted)
    for query in _questions(found, hosts, _hull(spans)):
        gathered.ask(query)
    cast, shown = gathered.known(alerted)
    return Neighbourhood(gathered.events, cast, shown, gathered.full)


def _chain(gathered: _Gathered, alerted: Alerts) -> Chain:
    cast, shown = gathered.known(alerted)
    return chain(shown, alerted, cast)


def _questions(found: Chain, hosts: tuple[str, ...], span: tuple[datetime | None, datetime | None]) -> Iterator[Query]:
    start, end = span

    def about(
        logsources: tuple[LogSource, ...], names: Iterable[str], limit: int, *, here: bool = True, ever: bool = False
    ) -> Iterator[Query]:
        named = tuple(names)[:_MOST_NAMES]
        if named and (hosts or not here):
            began = None if ever else start
            yield Query(hosts=hosts if here else (), start=began, end=end, logsources=logsources, mentions=named, limit=limit)

    yield from about(sources.HANDLES, found.guids[:_NEAREST], _MOST_DETAIL)
    yield from about(sources.DETAIL, found.guids, _MOST_DETAIL)
    yield from about(sources.ORIGINS, found.programs, _MOST_OTHER, ever=True)
    yield from about(sources.ORIGINS, CONTAINERS, _MOST_OTHER)
    yield from about(sources.STARTS, found.unborn, _MOST_OTHER, ever=True)
    yield from about(sources.LOGONS, found.sessions, _MOST_OTHER, ever=True)
    yield from about(sources.LOGONS + sources.CONNECTIONS, found.own_addresses | found.addresses, _MOST_OTHER, here=False)
    yield from about(sources.FLOWS, found.addresses, _MOST_OTHER, here=False)
    yield from about(sources.CLOUD, found.identities, _MOST_OTHER, here=False)


def own_addresses(events: Iterable[Event]) -> dict[str, str]:
    """Learn from connections which host has which address; one that several hosts use in turn belongs to none."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        if event.host and origin(event.logsource) in {"sysmon 3", "security 5156"}:
            found = own_address(event)
            if found:
                seen[found][event.host] += 1
    return {found: hosts.most_common(1)[0][0] for found, hosts in seen.items() if hosts.most_common(1)[0][1] >= 0.9 * hosts.total()}


def own_address(event: Event) -> str | None:
    """Give the address that the host of a recorded connection used."""
    if origin(event.logsource) != "sysmon 3":
        return address(text(event, "SourceAddress"))
    return address(text(event, "DestinationIp" if text(event, "Initiated").lower() == "false" else "SourceIp"))


def _spans(events: Iterable[Event]) -> list[tuple[datetime | None, datetime | None]]:
    """Merge the neighbourhoods of the events' times; one without bounds if none has a time."""
    times = sorted(event.time for event in events if event.time)
    spans: list[tuple[datetime, datetime]] = []
    for time in times:
        if spans and time - BEFORE <= spans[-1][1]:
            spans[-1] = (spans[-1][0], time + AFTER)
        else:
            spans.append((time - BEFORE, time + AFTER))
    return [(start, end) for start, end in spans[:12]] or [(None, None)]


def _hull(spans: list[tuple[datetime | None, datetime | None]]) -> tuple[datetime | None, datetime | None]:
    return spans[0][0], spans[-1][1]
