"""Which events speak for an action, and how many independent kinds of evidence they are. Owns what independent means.

A kind is a log of a product, such as `windows/Sysmon`; two events of one log are one kind, however many rules fired on them. Two logs of
one machine that tell of the same thing within seconds (Sysmon and the security log both note a process that starts) are two recorders
of one fact: what misleads one misleads the other, and who owns the machine writes both. They count once. A network sensor beside the
machine's own log is another witness. A match of intelligence is a kind of its own: the event shows the contact, and somebody else, who
saw none of it, says that it is bad. What a model wrote is no event and none of this.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from watchkeeper.model.action import Action
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.trace import Trace
from watchkeeper.schema.mapping import shapes_of

_SENSORS = frozenset({"zeek", "suricata"})
"""Products whose logs are several views of the same packets by one sensor: together they are one kind."""
INTEL = "intel"
"""The kind of evidence that a match of intelligence is."""
_SAME_FACT = timedelta(seconds=5)
MOST_READ = 500
"""Events of an attack that are looked at for one action."""
_MOST_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Told:
    """What speaks for an action."""

    events: tuple[str, ...]
    """Ids of events, of every kind some: those that intelligence matched first, then those that the action rests on."""
    kinds: tuple[str, ...]
    """Independent kinds of evidence, as those events are."""


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Looks up events, and knows which of them intelligence matched."""

    events_of: Callable[[Sequence[str]], Iterable[Event]]
    """Gives the events of ids, as far as they are kept."""
    matched_of: Callable[[Collection[str]], Collection[str]]
    """Gives which events, of ids, a match of intelligence fired on."""

    def of(self, incident: Incident, action: Action) -> Told:
        """Say what speaks for an action: the events that it rests on, and others about its target or of hosts that those reach."""
        more = incident.trace.events if incident.trace else ()
        ids = tuple(dict.fromkeys((*action.evidence, *more)))[:MOST_READ]
        found = {event.id: event for event in self.events_of(ids)}
        own = [found[id_] for id_ in action.evidence if id_ in found]
        hosts = {event.host for event in own if event.host} | _reached(incident.trace, frozenset(event.id for event in own))
        others = [found[id_] for id_ in ids if id_ in found and id_ not in action.evidence and _is_about(found[id_], hosts, action)]
        return independent([*own, *others], self.matched_of(found))


def kind_of(source: LogSource) -> str:
    """Name a kind of evidence by product and log, such as `windows/Sysmon`; a sensor's logs are one kind, such as `zeek`."""
    if source.product in _SENSORS:
        return source.product
    service = source.service.removeprefix("Microsoft-Windows-").split("/", 1)[0]
    return "/".join(filter(None, (source.product, service)))


def _reached(trace: Trace | None, ids: frozenset[str]) -> set[str]:
    """Give the hosts that events tell of by the trace: a sensor's event is on no host, and what it saw reached one."""
    edges = [edge for edge in trace.edges if not ids.isdisjoint(edge.evidence)] if trace else []
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    return {node.host for node in trace.nodes if node.id in ends and node.host} if trace else set()


def _is_about(event: Event, hosts: Collection[str], action: Action) -> bool:
    if event.host and event.host in hosts:
        return True
    value = action.target.value.lower()
    return any(value == text.lower() for texts in event.fields.values() for text in ((texts,) if isinstance(texts, str) else texts))


def independent(events: Sequence[Event], matched: Collection[str]) -> Told:
    """Say how many independent kinds of evidence events are, and which of them stand for each kind."""
    by_kind: dict[str, list[Event]] = {}
    for event in events:
        by_kind.setdefault(kind_of(event.logsource), []).append(event)
    counted: dict[str, list[Event]] = {}
    for kind, mine in by_kind.items():
        said = [event for others in counted.values() for event in others]
        fresh = [event for event in mine if not any(_is_same_fact(event, other) for other in said)]
        if fresh:
            counted[kind] = sorted(fresh, key=lambda event: event.id not in matched)[:_MOST_OF_A_KIND]
    chosen = tuple(event.id for mine in counted.values() for event in mine)
    return Told(chosen, (*counted, *((INTEL,) if any(id_ in matched for id_ in chosen) else ())))


def _is_same_fact(one: Event, other: Event) -> bool:
    """Say whether two logs of one machine tell of what is probably one thing that happened."""
    if not one.host or one.host != other.host or one.time is None or other.time is None or abs(one.time - other.time) > _SAME_FACT:
        return False
    mine, theirs = ({shape.of.uid for shape in shapes_of(event.logsource)} for event in (one, other))
    return not mine.isdisjoint(theirs)
