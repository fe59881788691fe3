"""Plan: the rules that can fire on one kind of event, compiled for it. Owns routing and narrowing; running it stands in `detector`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from watchkeeper.detection.gate import Key, gate
from watchkeeper.detection.logsources import Derived, LogSources, Route
from watchkeeper.detection.sigma import Rule, SigmaSource
from watchkeeper.detection.sigma.compile import Holds, compile_condition
from watchkeeper.detection.sigma.condition import AllOf, Atom, Condition, fields
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
    """A rule on its way to one kind of event: its condition in native field names."""

    rule: Rule
    condition: Condition
    derived: Mapping[str, Derived]


class Router:
    """Finds the rules for a log source; what it found is kept."""

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
                    yield _routed(rule, route)


def _routed(rule: Rule, route: Route) -> Routed:
    names = {**route.fields, **{name: _derived_name(name, made) for name, made in route.derived.items()}}
    condition = rename(rule.condition, names) if names else rule.condition
    guards = tuple(Atom(name, text((value,))) for name, value in route.when.items())
    used = fields(rule.condition)
    derived = {_derived_name(name, made): made for name, made in route.derived.items() if name in used}
    return Routed(rule, AllOf((*guards, condition)) if guards else condition, derived)


def _derived_name(name: str, made: Derived) -> str:
    """Name a made field so that it never meets a native one or another of the same name."""
    return f"{name} = {made.template}"


def make_plan(routed: Sequence[Routed], fixed: Mapping[str, str], columns: frozenset[str]) -> Plan:
    """Keep the rules that can hold at all on events with these columns, and compile them."""
    ready: list[Ready] = []
    derived: dict[str, Derived] = {}
    for one in routed:
        made = {name: how for name, how in one.derived.items() if all(source in columns or source in fixed for source in how.sources)}
        left = narrow(one.condition, fixed, columns | made.keys())
        if left is False:
            continue
        ready.append(_ready(one, left))
        derived.update(made)
    return Plan(tuple(ready), derived, frozenset[str]().union(*(fields(one.condition) for one in ready)))


def _ready(one: Routed, left: Narrowed) -> Ready:
    if isinstance(left, bool):
        return Ready(one.rule, _always, None, one.condition)
    return Ready(one.rule, compile_condition(left), gate(left), one.condition)


def _always(_: object) -> bool:
    return True
