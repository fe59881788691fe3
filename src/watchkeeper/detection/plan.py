"""Plan: the rules that can fire on one kind of event, and what is left to ask of it. Owns routing and narrowing; engines run it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

from watchkeeper.detection.logsources import Derived, LogSources, Route
from watchkeeper.detection.sigma import Rule, SigmaSource
from watchkeeper.detection.sigma.condition import Atom, Condition, Number, Text, all_of, any_of, fields, needed, rename
from watchkeeper.detection.sigma.explain import Witnesses, witnesses
from watchkeeper.detection.sigma.narrow import Narrowed, narrow
from watchkeeper.detection.sigma.text import fold, shape, text
from watchkeeper.detection.sigma.values import number
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

MOST_KEPT = 1024
"""Log sources, and kinds of events, of which the plan is kept."""


@dataclass(frozen=True, eq=False)
class Ready:
    """One rule, ready for one kind of event."""

    rule: Rule
    names: Mapping[str, str]
    """Fields that are called otherwise in the events than in the rule, by their name in the rule."""
    when: Mapping[str, tuple[str, ...]]
    """Native fields that must have one of these values."""
    fixed: Mapping[str, str]
    """Native fields that have the same value in every event of the kind."""
    possible: frozenset[str]
    """Every other field that any of the events may have."""

    @cached_property
    def condition(self) -> Condition:
        """The whole condition in native field names."""
        condition = rename(self.rule.condition, self.names) if self.names else self.rule.condition
        return all_of([*self.guards, condition])

    @cached_property
    def left(self) -> Narrowed:
        """What is left to ask of an event once all that is known of the kind is worked out."""
        return narrow(self.condition, self.fixed, self.possible)

    @cached_property
    def witnesses(self) -> Witnesses:
        """The function that says which fields of an event on which it holds made it hold."""
        return witnesses(self.condition)

    @property
    def guards(self) -> list[Condition]:
        """What the route to the events wants of them."""
        return [any_of([Atom(name, text((value,))) for value in values]) for name, values in self.when.items()]


@dataclass(frozen=True, eq=False)
class Plan:
    """What to run on events of one source that have at most certain fields."""

    routed: tuple[Ready, ...]
    """Every rule that leads here."""
    derived: Mapping[str, Derived]
    """Fields to make for each event, by the name the conditions use."""
    wanted: frozenset[str]
    """Every field that a condition looks at."""
    fixed: Mapping[str, str]
    """Native fields that have the same value in every event."""

    @cached_property
    def ready(self) -> tuple[Ready, ...]:
        """The rules that can hold at all."""
        return tuple(one for one in self.routed if one.left is not False)

    def filled(self, native: Mapping[str, Value]) -> dict[str, Value]:
        """Give the derived fields of one event, those that it has."""
        return {name: value for name, how in self.derived.items() if (value := how.fill(native)) is not None}


@dataclass(frozen=True, slots=True)
class Routed:
    """A rule on its way to one kind of event."""

    rule: Rule
    route: Route
    used: frozenset[str]
    """Every field that the rule, or a correlation that counts it, names."""

    @property
    def fields(self) -> frozenset[str]:
        """Every native field that the rule, or a correlation that counts it, may look at."""
        return self.used.union(self.deciding, self.route.when)

    @property
    def deciding(self) -> frozenset[str]:
        """Native fields of which the presence in an event decides whether it is meant, and what the rule's fields are called there."""
        made = (source for name, how in self.route.derived.items() if name in self.used for source in how.sources)
        return self.route.having.union(made, (native for name, native in self.route.fields.items() if name in self.used))


def routed(rule: Rule, route: Route) -> Routed:
    """Give a rule on its way."""
    return Routed(rule, route, fields(rule.condition) | rule.counted)


Allowed = frozenset[str | float]
"""Texts, folded, and numbers of which a field must have one."""


class Router:
    """Finds the rules for a log source."""

    def __init__(self, rules: Sequence[Rule], sources: LogSources) -> None:
        """Group the rules by the log source they want."""
        self._sources = sources
        self._groups: dict[SigmaSource, list[Rule]] = {}
        self._used: dict[str, frozenset[str]] = {}
        self._values: dict[tuple[SigmaSource, str], tuple[set[int], dict[str | float | None, set[int]]]] = {}
        for rule in rules:
            self._groups.setdefault(rule.source, []).append(rule)

    def routed(self, source: LogSource) -> Iterator[Routed]:
        """Yield each rule that reads events of the source and may hold on one, once for each way it is reached."""
        fixed = self._sources.fixed(source)
        for wanted in self._groups:
            for route in self._sources.routes(wanted, source):
                told = {name: value for name, value in fixed.items() if name not in route.fields and name not in route.derived}
                for rule in self._admitted(wanted, told):
                    yield Routed(rule, route, self._fields(rule))

    def _admitted(self, wanted: SigmaSource, told: Mapping[str, str]) -> Iterator[Rule]:
        """Yield the rules of a group that may hold where fields have these values in every event."""
        rules = self._groups[wanted]
        left = set(range(len(rules)))
        for name, value in told.items():
            anything, by_value = self._by_value(wanted, name)
            left &= anything.union(by_value.get(fold(value), ()), by_value.get(number(value), ()))
        yield from (rules[place] for place in sorted(left))

    def _fields(self, rule: Rule) -> frozenset[str]:
        used = self._used.get(rule.id)
        if used is None:
            used = self._used[rule.id] = fields(rule.condition) | rule.counted
        return used

    def _by_value(self, wanted: SigmaSource, name: str) -> tuple[set[int], Mapping[str | float | None, set[int]]]:
        """Give the places of the rules of a group that a field's value leaves open, and by value those that want it."""
        known = self._values.get((wanted, name))
        if known is None:
            known = self._values[wanted, name] = set[int](), dict[str | float | None, set[int]]()
            for place, rule in enumerate(self._groups[wanted]):
                allowed = needed(rule.condition, partial(_allowed, name=name))
                if allowed is None:
                    known[0].add(place)
                for value in allowed or ():
                    known[1].setdefault(value, set()).add(place)
        return known


def _allowed(atom: Atom, name: str) -> Allowed | None:
    """Give what a field must have one of for an atom to hold; none if that cannot be said."""
    match atom:
        case Atom(field, Text() as wanted) if field == name and not wanted.cased and shape(wanted)[0] == "equals":
            return frozenset({shape(wanted)[1]})
        case Atom(field, Number("eq", wanted)) if field == name:
            return frozenset({wanted})
        case _:
            return None


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
        found = tuple(self._router.routed(LogSource(product=product, service=service, event_type=event_type)))
        nothing = frozenset[str]()
        return found, nothing.union(*(one.fields for one in found)), nothing.union(*(one.deciding for one in found))

    def _plan_now(self, columns: frozenset[str], product: str, service: str, event_type: str) -> Plan:
        source = LogSource(product=product, service=service, event_type=event_type)
        return make_plan(self._routed(product, service, event_type)[0], self._sources.fixed(source), columns)


def _words(source: LogSource) -> tuple[str, str, str]:
    return source.product, source.service, source.event_type


def make_plan(rules: Sequence[Routed], fixed: Mapping[str, str], columns: frozenset[str]) -> Plan:
    """Give what to ask of events with these columns."""
    ready: list[Ready] = []
    derived: dict[str, Derived] = {}
    known = columns.union(fixed)
    wanted = set[str]()
    for one in (rule for rule in rules if rule.route.having <= known):
        made = _made(one, known)
        names = _names(one, known, made)
        ready.append(Ready(one.rule, names, one.route.when, fixed, columns | made.keys() if made else columns))
        derived.update(made)
        wanted.update(one.route.when, (names.get(name, name) for name in one.used))
    return Plan(tuple(ready), derived, frozenset(wanted), fixed)


def _made(one: Routed, known: frozenset[str]) -> dict[str, Derived]:
    """Give the fields to make for a rule, by a name that never meets a native one or another recipe."""
    usable = ((name, how) for name, how in one.route.derived.items() if name in one.used and known.issuperset(how.sources))
    return {f"{name} = {how.template}": how for name, how in usable}


def _names(one: Routed, known: frozenset[str], made: Mapping[str, Derived]) -> dict[str, str]:
    """Give the native names of the rule's fields; a field that no event has keeps its name in the rule."""
    names = {name: native for name, native in one.route.fields.items() if native in known}
    return names | {name.partition(" = ")[0]: name for name in made}
