"""Plan: the rules that can fire on one kind of event, compiled for it. Owns routing and narrowing; running it stands in `detector`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from watchkeeper.detection.gate import Key, gate
from watchkeeper.detection.logsources import Derived, LogSources, Route
from watchkeeper.detection.sigma import Rule, SigmaSource
from watchkeeper.detection.sigma.compile import Holds, compile_condition
from watchkeeper.detection.sigma.condition import Atom, Condition, all_of, any_of, fields
from watchkeeper.detection.sigma.narrow import Narrowed, narrow, rename
from watchkeeper.detection.sigma.text import text
from watchkeeper.model.logsource import LogSource


@dataclass(frozen=True, slots=True)
class Ready:
    """One rule, ready for one kind of event."""

    rule: Rule
    holds: Holds
    """Says whether an event meets the rule, what is known of all events already worked out."""
    keys: frozenset[Key] | None
    """Only an event with one of these can meet it; none means any event can."""
    condition: Condition
    """The whole condition in native field names, to explain a match."""
    names: Mapping[str, str]
    """Fields that are called otherwise in the events than in the rule, by their name in the rule."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run on events of one source that have at most certain fields."""

    ready: tuple[Ready, ...]
    derived: Mapping[str, Derived]
    """Fields to make for each event, by the name the conditions use."""
    wanted: frozenset[str]
    """Every field that a condition looks at."""


@dataclass(frozen=True, slots=True)
class Routed:
    """A rule on its way to one kind of event."""

    rule: Rule
    route: Route

    @property
    def fields(self) -> frozenset[str]:
        """Every native field that the rule, or a correlation that counts it, may look at."""
        made = (source for how in self.route.derived.values() for source in how.sources)
        return fields(self.rule.condition).union(self.rule.counted, self.route.fields.values(), self.route.when, made)


class Router:
    """Finds the rules for a log source."""

    def __init__(self, rules: Sequence[Rule], sources: LogSources) -> None:
        """Group the rules by the log source they want."""
        self._sources = sources
        self._groups: dict[SigmaSource, list[Rule]] = {}
        for rule in rules:
            self._groups.setdefault(rule.source, []).append(rule)

    def routed(self, source: LogSource) -> Iterator[Routed]:
        """Yield each rule that reads events of the source, once for each way it is reached."""
        for wanted, rules in self._groups.items():
            for route in self._sources.routes(wanted, source):
                for rule in rules:
                    yield Routed(rule, route)


def make_plan(routed: Sequence[Routed], fixed: Mapping[str, str], columns: frozenset[str]) -> Plan:
    """Keep the rules that can hold at all on events with these columns, and compile them."""
    ready: list[Ready] = []
    derived: dict[str, Derived] = {}
    known = columns.union(fixed)
    for one in routed:
        made = _made(one, known)
        names = _names(one, known, made)
        condition = _native(one, names)
        left = narrow(condition, fixed, columns | made.keys())
        if left is not False:
            ready.append(_ready(one.rule, condition, left, names))
            derived.update(made)
    return Plan(tuple(ready), derived, frozenset[str]().union(*(fields(one.condition) for one in ready)))


def _made(one: Routed, known: frozenset[str]) -> dict[str, Derived]:
    """Give the fields to make for a rule, by a name that never meets a native one or another recipe."""
    used = fields(one.rule.condition) | one.rule.counted
    usable = ((name, how) for name, how in one.route.derived.items() if name in used and known.issuperset(how.sources))
    return {f"{name} = {how.template}": how for name, how in usable}


def _names(one: Routed, known: frozenset[str], made: Mapping[str, Derived]) -> dict[str, str]:
    """Give the native names of the rule's fields; a field that no event has keeps its name in the rule."""
    names = {name: native for name, native in one.route.fields.items() if native in known}
    return names | {name.partition(" = ")[0]: name for name in made}


def _native(one: Routed, names: Mapping[str, str]) -> Condition:
    """Give the rule's condition in native names, with what its route wants."""
    condition = rename(one.rule.condition, names) if names else one.rule.condition
    guards = [any_of([Atom(name, text((value,))) for value in values]) for name, values in one.route.when.items()]
    return all_of([*guards, condition])


def _ready(rule: Rule, condition: Condition, left: Narrowed, names: Mapping[str, str]) -> Ready:
    if isinstance(left, bool):
        return Ready(rule, _always, None, condition, names)
    return Ready(rule, compile_condition(left), gate(left), condition, names)


def _always(_: object) -> bool:
    return True
