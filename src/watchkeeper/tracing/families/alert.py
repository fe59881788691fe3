"""Alerts of other products: the things they name, where there is no telemetry to say more. Owns these edges."""

from collections.abc import Iterable, Iterator, Mapping

from watchkeeper.evidence import arguments, origin
from watchkeeper.model.entity import Entity
from watchkeeper.model.event import Event
from watchkeeper.model.trace import NodeKind
from watchkeeper.tracing.fact import Fact, Thing, text
from watchkeeper.tracing.families.pattern import Cast, machine

_KINDS: Mapping[str, NodeKind] = {
    "host": "host", "user": "user", "account": "user", "address": "address", "domain": "domain", "url": "url",
    "process": "process", "file": "file",
    "registry": "registry", "service": "service", "task": "task", "mailbox": "user", "hash": "file",
}  # fmt: skip
_PROGRAMS = frozenset({"hash", "process", "file"})
"""Kinds that say too little by themselves where telemetry was read: which run of it is unknown."""
_MOST_NAMED = 3
_ON_HOST = frozenset({"process", "file", "registry", "service", "task"})


def facts(event: Event, cast: Cast) -> Iterator[Fact]:
    """Yield an edge from who an alert is about (host, else user, else address) to every other thing it names."""
    if origin(event.logsource) != "alerts":
        return
    things = [thing for thing in (_thing(event, entity, cast) for entity in _entities(event)) if thing is not None]
    if event.host:
        things.insert(0, machine(event.host))
    subject = next((thing for kind in ("host", "user", "address") for thing in things if thing.kind == kind), next(iter(things), None))
    said = arguments("alert.raised", event) or {}
    for thing in {thing.key: thing for thing in things}.values():
        if subject is not None and thing.key != subject.key:
            yield Fact("alerted", subject, thing, event, "alert.raised" if said else "", said, about_target=True)


def named(event: Event, entities: Iterable[Entity], cast: Cast) -> Iterator[Fact]:
    """Yield edges from an event's host to the things a signal names, where no family can read the event itself."""
    said = arguments("event.recorded", event) or {}
    for entity in sorted(entities, key=lambda entity: entity.kind in _PROGRAMS)[:_MOST_NAMED]:
        thing = None if entity.kind in _PROGRAMS else _thing(event, f"{entity.kind}:{entity.value}", cast)
        if thing is not None and event.host and thing.kind != "host":
            yield Fact("alerted", machine(event.host), thing, event, "event.recorded" if said else "", said, about_target=True)


def _entities(event: Event) -> tuple[str, ...]:
    found = event.fields.get("signal.entities", ())
    who = text(event, "signal.user")
    return ((found,) if isinstance(found, str) else found) + ((f"user:{who}",) if who else ())


def _thing(event: Event, entity: str, cast: Cast) -> Thing | None:
    name, _, value = entity.partition(":")
    kind = _KINDS.get(name)
    if kind is None or not value:
        return None
    if kind == "address":
        return cast.place(value, event.time)
    if kind == "host":
        return machine(value.lower())
    host = event.host if kind in _ON_HOST else ""
    return Thing(f"{kind}|{host}|{value.lower()}" if host else f"{kind}|{value.lower()}", kind, value, host)
