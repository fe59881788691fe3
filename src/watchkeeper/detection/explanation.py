"""Explanation: why a rule fires on one event, or why not. Owns the walk over the condition; engines decide, words are `cli`'s."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from watchkeeper.detection.logsources import LogSources, Route, log_sources
from watchkeeper.detection.routing import Places
from watchkeeper.detection.sigma import Rule
from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation, Test, any_of, rename
from watchkeeper.detection.sigma.reference import compile_condition
from watchkeeper.detection.sigma.row import Row
from watchkeeper.detection.sigma.text import text
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a condition, and whether it held."""

    kind: Literal["all", "any", "not", "test"]
    holds: bool
    name: str = ""
    """What the rule's author calls it; empty if it has no name of its own."""
    parts: tuple["Step", ...] = ()
    test: Test | None = None
    """What is asked, of a test."""
    field: str = ""
    """Field as the rule calls it; empty for any value of the event."""
    native: str = ""
    """What that field is called, or made of, in the event."""
    found: tuple[str, ...] | None = None
    """Values the event has there; none if it lacks the field."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which the rule reads the event."""

    holds: bool
    guards: tuple[Step, ...]
    """What the log source wants of its events beside their kind."""
    step: Step
    """The rule's own condition."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a rule says of one event."""

    rule: Rule
    source: LogSource
    """Where the event stands."""
    ways: tuple[Way, ...]
    """Empty if the rule does not read such events."""
    places: tuple[str, ...]
    """Log sources that the rule reads, in native words, as far as they are known."""

    @property
    def fires(self) -> bool:
        """Say whether the rule fires on the event."""
        return any(way.holds for way in self.ways)


class Explainer:
    """Explains rules on events, one after the other."""

    def __init__(self, sources: LogSources | None = None) -> None:
        """Take log sources other than the built-in ones."""
        self._sources = sources or log_sources()
        self._places = Places(self._sources)

    def explain(self, rule: Rule, source: LogSource, event: Mapping[str, Value], names: Mapping[Condition, str]) -> Explanation:
        """Explain a rule on one event with its native fields; `names` says what the rule's selections are called."""
        fixed = self._sources.fixed(source)
        ways = tuple(_Walk(route, event, fixed, names).way(rule) for route in self._sources.routes(rule.source, source))
        return Explanation(rule, source, ways, self._places.named(rule.source))


class _Walk:
    """The walk over a condition, in the words of one event."""

    def __init__(self, route: Route, event: Mapping[str, Value], fixed: Mapping[str, str], names: Mapping[Condition, str]) -> None:
        known = event.keys() | fixed.keys()
        made = {name: how for name, how in route.derived.items() if known >= set(how.sources)}
        filled = {f"{name} = {how.template}": value for name, how in made.items() if (value := how.fill(event)) is not None}
        self._route = route
        self._names = names
        self._native = {name: native for name, native in route.fields.items() if native in known}
        self._native |= {name: f"{name} = {how.template}" for name, how in made.items()}
        self._row = Row(event, {**fixed, **filled})

    def way(self, rule: Rule) -> Way:
        guards = tuple(
            self._step(any_of([Atom(name, text((value,))) for value in values]), "") for name, values in self._route.when.items()
        )
        step = self._step(rule.condition)
        return Way(step.holds and all(guard.holds for guard in guards), guards, step)

    def _step(self, condition: Condition, name: str | None = None) -> Step:
        called = self._names.get(condition, "") if name is None else name
        match condition:
            case Atom(field, test):
                return self._test(condition, field, test, called)
            case AllOf(children):
                parts = tuple(self._step(child) for child in children)
                return Step("all", all(part.holds for part in parts), called, parts)
            case AnyOf(children):
                parts = tuple(self._step(child) for child in children)
                return Step("any", any(part.holds for part in parts), called, parts)
            case Negation(child):
                part = self._step(child)
                return Step("not", not part.holds, called, (part,))

    def _test(self, atom: Atom, field: str | None, test: Test, called: str) -> Step:
        renamed = rename(atom, self._native)
        holds = compile_condition(renamed)(self._row)
        if field is None:
            return Step("test", holds, called, (), test)
        native = self._native.get(field, field)
        value = self._row.written.get(native)
        found = None if value is None else (value,) if isinstance(value, str) else tuple(value)
        return Step("test", holds, called, (), test, field, native, found)


def against(step: Step) -> Iterator[Step]:
    """Yield the parts that must change for a step to hold, as large as they have a name or stand for themselves."""
    if step.holds:
        return
    if step.kind == "all" and not step.name:
        for part in step.parts:
            yield from against(part)
    else:
        yield step
