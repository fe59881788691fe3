"""Neighbourhood: the events that may belong to an incident. Owns what is asked of the record, in a few bounded questions."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.evidence import origin
from watchkeeper.evidence.naming import number
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query, Search
from watchkeeper.tracing import sources
from watchkeeper.tracing.accounts import person
from watchkeeper.tracing.addresses import Addresses
from watchkeeper.tracing.alerted import Alerts
from watchkeeper.tracing.causes import CONTAINERS
from watchkeeper.tracing.chain import Chain, chain
from watchkeeper.tracing.fact import Fact, text
from watchkeeper.tracing.families import alert, facts
from watchkeeper.tracing.families.pattern import Cast
from watchkeeper.tracing.hubs import taken_over
from watchkeeper.tracing.onward import onward
from watchkeeper.tracing.processes import WRITER, Processes
from watchkeeper.tracing.telling import is_telling

BEFORE, AFTER = timedelta(hours=2), timedelta(hours=1)
"""How far around an incident's signals its hosts are read."""
_MOST_NAMES, _NEAREST, _MOST_REACHED = 16, 6, 6
_AROUND = timedelta(minutes=2)
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

    def ask(self, query: Query, wanted: Callable[[Event], bool] = lambda _: True) -> None:
        found = 0
        for event in self._search(query):
            if wanted(event):
                self.events[event.id] = event
            found += 1
        self.full = self.full and found < query.limit

    def known(self, alerted: Alerts) -> tuple[Cast, tuple[Fact, ...]]:
        """Read every edge; of alerted events that no family reads, what their signals name."""
        events = tuple(self.events.values())
        cast = Cast(Processes(events), Addresses(events))
        shown = onward(events, list(facts(events, cast)), cast)
        read = {fact.event.id for fact in shown}
        for id_ in alerted:
            if id_ in self.events and id_ not in read:
                shown += alert.named(self.events[id_], alerted[id_].entities, cast)
        over = frozenset(taken_over(shown))
        return cast, tuple(fact for fact in shown if is_telling(fact, alerted, over))


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
    if hosts and found.pids:
        written = Query(hosts=hosts, start=_hull(spans)[0], end=_hull(spans)[1], logsources=sources.SCRIPTS, limit=_MOST_DETAIL)
        gathered.ask(written, lambda event: (event.host, number(text(event, WRITER.pid))) in found.pids)
    for query in _arrivals(gathered, hosts):
        gathered.ask(query)
    cast, shown = gathered.known(alerted)
    return Neighbourhood(gathered.events, cast, shown, gathered.full)


def _arrivals(gathered: _Gathered, hosts: tuple[str, ...]) -> Iterator[Query]:
    """Ask for what other hosts recorded around logons to them that the questions so far brought up."""
    events = tuple(gathered.events.values())
    sessions = tuple({text(event, "TargetLogonId") for event in events if event.host in hosts and _from_elsewhere(event)} - {""})
    if sessions:
        yield Query(hosts=hosts, logsources=sources.SHARES, mentions=sessions[:_MOST_NAMES], limit=_MOST_OTHER)
    times: dict[str, list[datetime]] = defaultdict(list)
    for event in events:
        if event.host and event.host not in hosts and event.time and _from_elsewhere(event):
            times[event.host].append(event.time)
    for host, found in sorted(times.items(), key=lambda item: len(item[1]))[:_MOST_REACHED]:
        yield Query(hosts=(host,), start=min(found) - _AROUND, end=max(found) + _AROUND, logsources=sources.MOVES, limit=_MOST_OTHER)


def _from_elsewhere(event: Event) -> bool:
    return origin(event.logsource) == "security 4624" and text(event, "LogonType") in {"3", "10"} and person(text(event, "TargetUserName"))


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
    named = (*found.addresses, *found.identities)[:_MOST_NAMES]
    if named:
        yield Query(start=start, end=end, without=sources.READ_BY_KIND, mentions=named, limit=_MOST_OTHER)


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
