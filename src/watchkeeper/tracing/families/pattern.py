"""Pattern: what one kind of event says about which things. Owns the shape and making facts; the patterns stand in families."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.evidence import arguments, naming
from watchkeeper.evidence.naming import tail
from watchkeeper.model.event import Event
from watchkeeper.model.trace import NodeKind
from watchkeeper.tracing.addresses import Addresses
from watchkeeper.tracing.fact import Fact, Thing, address, named, text
from watchkeeper.tracing.processes import Mention, Processes


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is who in the record: processes, and which host has which address."""

    processes: Processes
    addresses: Addresses

    def place(self, value: str, when: datetime | None) -> Thing | None:
        """Give the host that had this address then, or the address; none if it is no address of another machine."""
        canonical = address(value)
        if canonical is None:
            return None
        host = self.addresses.at(canonical, when)
        return machine(host, canonical) if host else Thing(f"address|{canonical}", "address", canonical)


Maker = Callable[[Event, Cast], Thing | None]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One edge an event may show."""

    kind: str
    predicates: tuple[str, ...]
    """What the story would say, fullest first; the first whose roles the event fills is said."""
    source: Maker
    target: Maker
    about_target: bool = False
    when: Callable[[Event], bool] = lambda _: True

    def fact(self, event: Event, cast: Cast) -> Fact | None:
        """Read the edge off one event; none if the event does not show it."""
        if not self.when(event):
            return None
        source, target = self.source(event, cast), self.target(event, cast)
        if source is None or target is None or source.key == target.key:
            return None
        predicate, said = spoken(self.predicates, event)
        return Fact(self.kind, source, target, event, predicate, said, self.about_target)


def spoken(predicates: Iterable[str], event: Event) -> tuple[str, dict[str, str]]:
    """Give the first predicate whose roles the event fills, with what it fills them with; nothing if there is none."""
    for predicate in predicates:
        found = arguments(predicate, event)
        if found is not None:
            return predicate, {role: naming.spoken(role, value) for role, value in found.items()}
    return "", {}


Patterns = Mapping[str, tuple[Pattern, ...]]
"""Kind of event, as `evidence.origin` names it, to the edges it may show."""


def facts(event: Event, patterns: tuple[Pattern, ...], cast: Cast) -> Iterator[Fact]:
    """Yield what one event shows."""
    for pattern in patterns:
        fact = pattern.fact(event, cast)
        if fact is not None:
            yield fact


def process(mention: Mention) -> Maker:
    """Make the process that those fields name."""
    return lambda event, cast: cast.processes.named(event, mention)


def place(*names: str) -> Maker:
    """Make the host or address that the first of those fields names."""
    return lambda event, cast: cast.place(text(event, *names), event.time)


def user(*names: str) -> Maker:
    """Make the account that the first of those fields names."""

    def make(event: Event, _: Cast) -> Thing | None:
        found = text(event, *names)
        return Thing(f"user|{named(found)}", "user", found, "", {"user": found}) if found else None

    return make


def on_host(kind: NodeKind, *names: str, detail: tuple[str, str] | None = None) -> Maker:
    """Make a thing of that kind on the event's host (a file, a key, a service, a task), with one more detail if asked."""

    def make(event: Event, _: Cast) -> Thing | None:
        found = text(event, *names)
        if not found:
            return None
        more = {detail[0]: text(event, detail[1])[:500]} if detail and text(event, detail[1]) else {}
        return Thing(f"{kind}|{event.host}|{found.lower()}", kind, tail(found) or found, event.host, {"path": found} | more)

    return make


def outside(kind: NodeKind, *names: str) -> Maker:
    """Make a thing that is on no host (a domain, a URL, an action in a cloud)."""

    def make(event: Event, _: Cast) -> Thing | None:
        found = text(event, *names).rstrip(".")
        return Thing(f"{kind}|{found.lower()}", kind, found, "") if found else None

    return make


def machine(host: str, at: str = "") -> Thing:
    """Make the host of that name."""
    return Thing(f"host|{host}", "host", host, host, {"address": at} if at else {})


def this_host(event: Event, _: Cast) -> Thing | None:
    """Make the host the event is about."""
    return machine(event.host) if event.host else None
