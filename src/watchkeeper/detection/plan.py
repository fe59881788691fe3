"""Plan: the rules that can fire on one kind of event, and what is left to ask of it. Owns routing and narrowing; engines run it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from watchkeeper.detection.logsources import Derived, LogSources, Route
from watchkeeper.detection.sigma import Rule, SigmaSource
from watchkeeper.detection.sigma.condition import Atom, Condition, all_of, any_of, fields
from watchkeeper.detection.sigma.narrow import Narrowed, narrow, rename
from watchkeeper.detection.sigma.text import text
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

MOST_KEPT = 1024
"""Log sources, and kinds of events, of which the plan is kept."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One rule, ready for one kind of event."""

    rule: Rule
    left: Narrowed
    """What is left to ask of an event once all that is known of the kind is worked out; true if nothing is."""
    condition: Condition
    """The whole condition in native field names, to explain a match."""
    names: Mapping[str, str]
    """Fields that are called otherwise in the events than in the rule, by their name in the rule."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What to run on events of one source that have at most certain fields."""

    ready: tuple[Ready, ...]
    derived: Mapping[str, Derived]
    """Fields to make for each event, by the name the conditions use."""
    wanted: frozenset[str]
    """Every field that a condition looks at."""

    def filled(self, native: Mapping[str, Value]) -> dict[str, Value]:
        """Give the derived fields of one event, those that it has."""
        return {name: value for name, how in self.derived.items() if (value := how.fill(native)) is not None}


@dataclass(frozen=True, slots=True)
class Routed:
    """A rule on its way to one kind of event."""

    rule: Rule
    route: Route

    @property
    def fields(self) -> frozenset[str]:
        """Every native field that the rule, or a correlation that counts it, may look at."""
        return self.used.union(self.deciding, self.route.when)

    @property
    def used(self) -> frozenset[str]:
        """Every field that the rule, or a correlation that counts it, names."""
        return fields(self.rule.condition) | self.rule.counted

    @property
    def deciding(self) -> frozenset[str]:
        """Native fields of which the presence in an event decides what the rule's fields are called there."""
        made = (source for name, how in self.route.derived.items() if name in self.used for source in how.sources)
        return frozenset(native for name, native in self.route.fields.items() if name in self.used).union(made)


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


class Plans:
    """The plans of a rule set, made when events of their kind first come; the most recent are kept."""

    def __init__(self, rules: Sequence[Rule], sources: LogSources) -> None:
        """Take the rules and the log sources they are routed by."""
        self._sources = sources
        self._router = Router(rules, sources)
        self._routed = lru_cache(maxsize=MOST_KEPT)(self._routed_now)
        self._plan = lru_cache(maxsize=MOST_KEPT)(self._plan_now)

    def mentioned(self, source: LogSource) -> frozenset[str]:
        """Give every field that a rule for the source looks at."""
        return self._routed(*_words(source))[1]

    def deciding(self, source: LogSource) -> frozenset[str]:
        """Give the fields of which the presence in an event decides which plan it needs."""
        return self._routed(*_words(source))[2]

    def plan(self, source: LogSource, present: Collection[str], columns: frozenset[str] | None = None) -> Plan:
        """Give the plan for events that have, of the `deciding` fields, exactly those `present`, and no field beyond `columns` if given."""
        _, mentioned, deciding = self._routed(*_words(source))
        possible = mentioned if columns is None else mentioned & columns
        return self._plan((possible - deciding) | deciding.intersection(present), *_words(source))

    def _routed_now(self, product: str, service: str, event_type: str) -> tuple[tuple[Routed, ...], frozenset[str], frozenset[str]]:
        routed = tuple(self._router.routed(LogSource(product=product, service=service, event_type=event_type)))
        nothing = frozenset[str]()
        return routed, nothing.union(*(one.fields for one in routed)), nothing.union(*(one.deciding for one in routed))

    def _plan_now(self, columns: frozenset[str], product: str, service: str, event_type: str) -> Plan:
        source = LogSource(product=product, service=service, event_type=event_type)
        return make_plan(self._routed(product, service, event_type)[0], self._sources.fixed(source), columns)


def _words(source: LogSource) -> tuple[str, str, str]:
    return source.product, source.service, source.event_type


def make_plan(routed: Sequence[Routed], fixed: Mapping[str, str], columns: frozenset[str]) -> Plan:
    """Keep the rules that can hold at all on events with these columns."""
    ready: list[Ready] = []
    derived: dict[str, Derived] = {}
    known = columns.union(fixed)
    for one in routed:
        made = _made(one, known)
        names = _names(one, known, made)
        condition = _native(one, names)
        left = narrow(condition, fixed, columns | made.keys())
        if left is not False:
            ready.append(Ready(one.rule, left, condition, names))
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
