"""By hand: from events that a walk found to a tree of what led to a thing or what it did. Owns the tree; the order is `ranking`'s."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from watchkeeper.model.edges import Neighbours, thing_id
from watchkeeper.model.event import Event
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Node
from watchkeeper.model.walk import Branch, Walk
from watchkeeper.tracing.addresses import Addresses
from watchkeeper.tracing.alerted import Alert, Alerts, subject
from watchkeeper.tracing.drawing import identifier
from watchkeeper.tracing.edges import Unresolved
from watchkeeper.tracing.families import facts
from watchkeeper.tracing.families.pattern import Cast
from watchkeeper.tracing.onward import onward
from watchkeeper.tracing.prices import alike
from watchkeeper.tracing.processes import Processes
from watchkeeper.tracing.ranking import Reached, ranked
from watchkeeper.tracing.telling import is_telling
from watchkeeper.tracing.walking import Bounds, Place, Walked, walk

_ASKED = Alert({"asked": 1.0}, (), (), ())
_MOST_NAMED, _LEAST_ALIKE = 8, 4
Fetch = Callable[[Sequence[Place]], Iterable[Event]]
"""Gives the events in these places, in time order."""


def subjects(event: Event) -> list[str]:
    """Give the stored keys of the things that an event is about."""
    return list(dict.fromkeys(subject(fact).key for fact in facts((event,), Cast(Unresolved(), Addresses(())))))


def follow(
    begun: Sequence[Event], edges: Neighbours, name: Callable[[int], tuple[str, str]], fetch: Fetch, bounds: Bounds, ways: Sequence[bool]
) -> Walk:
    """Follow the things that some events are about, back (True) and forward (False) as asked.

    Raises:
        ValueError: no edge is known of these events.
    """
    starts = [(thing_id(key), event.time) for event in begun for key in subjects(event)]
    if not starts:
        kinds = ", ".join(sorted({f"{event.logsource.service or event.logsource.product} {event.logsource.event_type}" for event in begun}))
        raise ValueError(
            f"nothing is known of who did what in such an event ({kinds.strip()}); choose one of a process, file, logon or connection"
        )
    alerted: Alerts = {event.id: _ASKED for event in begun}
    trees: dict[bool, tuple[Branch, ...]] = {True: (), False: ()}
    notes: list[Note] = []
    read: set[str] = set()
    for back in ways:
        walked = walk(edges, name, starts, bounds, back=back)
        events = {event.id: event for event in (*begun, *fetch(tuple(walked.places)))}
        read.update(events)
        trees[back], beyond = _tree(tuple(events.values()), alerted, back=back)
        notes += _notes(walked, beyond, bounds, back=back)
    return Walk(events=tuple(alerted), back=trees[True], forward=trees[False], notes=tuple(notes), read=len(read))


def _tree(events: Sequence[Event], alerted: Alerts, *, back: bool) -> tuple[tuple[Branch, ...], int]:
    """Give what ranking reaches that way, those alike once, and how many things lie beyond its reach."""
    cast = Cast(Processes(events), Addresses(events))
    shown = onward(events, list(facts(events, cast)), cast)
    told = [fact for fact in shown if is_telling(fact, alerted)]
    reached = ranked(told, alerted)
    things = {thing.key for fact in told for thing in (fact.source, fact.target)}
    kept = list(_that_way(reached, back=back))
    return tuple(_branch(item, more, cast.processes) for item, more in _folded(kept)), len(things) - len(reached)


def _that_way(reached: Iterable[Reached], *, back: bool) -> Iterator[Reached]:
    """Yield what causes lead to, or effects: an ancestor's other doings belong to neither."""
    held: set[str] = set()
    for item in reached:
        causal = item.via is not None and (item.via.source.key == item.thing.key) == back
        if item.previous is None or (causal and item.previous in held):
            held.add(item.thing.key)
            yield item


def _folded(reached: Sequence[Reached]) -> Iterator[tuple[Reached, int]]:
    """Yield each thing with how many more like it there are that lead nowhere either."""
    inner = {item.previous for item in reached}
    together: dict[tuple[str | None, str, str, str], list[Reached]] = {}
    for item in reached:
        own = item.thing.key if item.thing.key in inner or item.via is None else alike(item.thing)
        kind = item.via.kind if item.via else ""
        together.setdefault((item.previous, kind, item.thing.kind, own), []).append(item)
    for items in together.values():
        if len(items) < _LEAST_ALIKE:
            yield from ((item, 0) for item in items)
        else:
            yield items[0], len(items) - 1


def _branch(item: Reached, more: int, processes: Processes) -> Branch:
    thing, fact = item.thing, item.via
    born = processes.creations.get(thing.key)
    when: datetime | None = fact.event.time if fact else None
    node = Node(
        id=identifier(thing.key),
        kind=thing.kind,
        label=thing.label,
        host=thing.host,
        time=born.time if born else when,
        details=dict(thing.details),
        alerted=False,
        tactic="",
    )
    above = identifier(item.previous) if item.previous is not None else None
    return Branch(
        node=node,
        above=above,
        kind=fact.kind if fact and above else "",
        acted=fact is not None and fact.source.key == thing.key,
        time=when,
        event=fact.event.id if fact else "",
        alike=more,
    )


def _notes(walked: Walked, beyond: int, bounds: Bounds, *, back: bool) -> list[Note]:
    way = "back" if back else "forward"
    crowded = sorted(walked.crowded.items(), key=lambda item: -item[1])
    notes = [
        Note(code=f"walk.crowded.{way}", arguments={"thing": name, "shown": str(bounds.limit), "total": str(total)})
        for name, total in crowded[:_MOST_NAMED]
    ]
    counted = {
        "walk.more-crowded": len(crowded) - _MOST_NAMED,
        f"walk.deeper.{way}": len(walked.deeper),
        f"walk.beyond.{way}": beyond,
        f"walk.full.{way}": len(walked.places) if walked.full else 0,
    }
    if walked.ordinary:
        notes.append(Note(code=f"walk.ordinary.{way}", arguments={"programs": ", ".join(sorted(walked.ordinary))}))
    return notes + [Note(code=code, arguments={"count": str(count)}) for code, count in counted.items() if count > 0]
