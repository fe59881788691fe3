"""Reach: which rules can fire on the events that were seen, and what is missing for the others. Owns the judgement, not the reading.

Only what a rule needs is asked for: log source, event type and fields. Whether anything bad is in the events does not matter here.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from watchkeeper.detection.alerts import is_alerts
from watchkeeper.detection.logsources import LogSources, Route, log_sources
from watchkeeper.detection.plan import Plan, Plans, Routed, Router, make_plan
from watchkeeper.detection.routing import Places, asked_in_words, in_words
from watchkeeper.detection.sigma import Rule, RuleSet, SigmaSource
from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation, Number, Text
from watchkeeper.detection.sigma.text import shape
from watchkeeper.model.batch import Batch
from watchkeeper.model.level import Level
from watchkeeper.model.logsource import LogSource

Status = Literal["reached", "field", "source"]
STATUSES: tuple[Status, ...] = ("reached", "field", "source")
"""It can fire; its log source is there, but not every field it needs; there is no event of its log source."""

MOST_SOURCES = 20_000
"""Log sources that are told apart; events of further ones are counted and not looked at."""
_MOST_PLACES = 4


@dataclass(frozen=True, slots=True)
class RuleReach:
    """Whether one rule can fire on what was seen."""

    rule: str
    """Id of the rule."""
    title: str
    level: Level
    source: SigmaSource
    """Its log source in Sigma's words; empty for a correlation."""
    status: Status
    missing: tuple[str, ...]
    """Native fields without which it cannot fire; for `source` what would have to be there, in words."""
    alternatives: bool
    """Whether one of the missing fields would do."""
    place: str
    """Log source that it reads or that comes nearest, in native words; empty if none was seen."""
    blind: tuple[str, ...]
    """Native fields it would also look at and that no event has: it can fire, but not on everything it is meant for."""


@dataclass(slots=True)
class _Kind:
    events: int = 0
    fields: set[str] = field(default_factory=set[str])


class Reach:
    """Looks at batches as they pass; keeps which log sources and fields there were, never events."""

    def __init__(self, ruleset: RuleSet, sources: LogSources | None = None) -> None:
        """Take the rules, and log sources other than the built-in ones."""
        self._ruleset = ruleset
        self._sources = sources or log_sources()
        self._plans = Plans(ruleset.rules, self._sources)
        self._kinds: dict[LogSource, _Kind] = {}
        self.events = 0
        """Events that were looked at."""
        self.alerts = 0
        """Alerts of other products among them, which need no rule."""
        self.beyond = 0
        """Events of log sources beyond the bound, which were not looked at."""

    @property
    def seen(self) -> dict[LogSource, int]:
        """How many events there were of each log source, most first."""
        return {source: kind.events for source, kind in sorted(self._kinds.items(), key=lambda pair: -pair[1].events)}

    def observe(self, batch: Batch) -> None:
        """Note which fields the events of a batch have, of those that rules look at."""
        rows = batch.table.num_rows
        self.events += rows
        if is_alerts(batch):
            self.alerts += rows
            return
        kind = self._kinds.get(batch.logsource)
        if kind is None:
            if len(self._kinds) >= MOST_SOURCES:
                self.beyond += rows
                return
            kind = self._kinds[batch.logsource] = _Kind()
        kind.events += rows
        asked = self._plans.mentioned(batch.logsource) - kind.fields
        kind.fields.update(name for name in asked.intersection(batch.table.column_names) if batch.table.column(name).null_count < rows)

    def result(self) -> tuple[RuleReach, ...]:
        """Judge every rule, in the order of the rules, then every correlation."""
        best: dict[str, RuleReach] = {}
        router = Router(self._ruleset.rules, self._sources)
        for source in self.seen:
            for routed in (one for one in router.routed(source) if self._meant(one.route, source)):
                known = best.get(routed.rule.id)
                if known is None or known.status != "reached":
                    best[routed.rule.id] = _better(known, self._judged(routed, source))
        places = Places(self._sources)
        rules = tuple(best.get(rule.id) or self._nowhere(rule, places) for rule in self._ruleset.rules)
        return (*rules, *_counted(self._ruleset, {one.rule: one for one in rules}))

    def _judged(self, routed: Routed, source: LogSource) -> RuleReach:
        rule, fixed, columns = routed.rule, self._sources.fixed(source), frozenset(self._kinds[source].fields)
        natives = _natives(routed)
        lacking = natives - columns - fixed.keys()
        asked = tuple(sorted(lacking))
        if _plan(routed, fixed, columns).ready:
            return _reach(rule, "reached", (), place=in_words(source), blind=asked)
        everything = columns | natives
        if not _plan(routed, fixed, everything).ready:
            return _reach(rule, "source", (self._wanted(rule),), place=in_words(source))
        needed = tuple(name for name in asked if not _plan(routed, fixed, everything - {name}).ready)
        return _reach(rule, "field", needed or asked, place=in_words(source), alternatives=not needed)

    def _nowhere(self, rule: Rule, places: Places) -> RuleReach:
        """Say what would have to be there for a rule that reads nothing of what was seen."""
        nearest = next(
            (source for source in self.seen for route in self._sources.routes(rule.source, source) if self._meant(route, source)), None
        )
        if nearest is not None:
            return _reach(rule, "source", (self._wanted(rule),), place=in_words(nearest))
        named = places.named(rule.source)
        said = " or ".join(named[:_MOST_PLACES]) + (" or others" if len(named) > _MOST_PLACES else "")
        return _reach(rule, "source", (said or f"no log source is known by {asked_in_words(rule.source)}",))

    def _meant(self, route: Route, source: LogSource) -> bool:
        """Say whether a route leads to any event of a source, by the fields without which an event is not meant."""
        return route.having <= self._kinds[source].fields | self._sources.fixed(source).keys()

    def _wanted(self, rule: Rule) -> str:
        """Say which kind of event of its log source a rule asks for."""
        fixed = {name for product in self._sources.products.values() for name in product.fixed}
        wanted = tuple(dict.fromkeys(f"{name} {value}" for name, value in _values(rule.condition, fixed)))
        return f"an event of {asked_in_words(rule.source)}" + (f" with {' or '.join(wanted[:_MOST_PLACES])}" if wanted else "")


def _plan(routed: Routed, fixed: Mapping[str, str], columns: frozenset[str]) -> Plan:
    return make_plan([routed], fixed, columns)


def _natives(routed: Routed) -> frozenset[str]:
    """Give the native fields a rule looks at once every field is called as its log source calls it."""
    route = routed.route
    names = (route.derived[name].sources if name in route.derived else (route.fields.get(name, name),) for name in routed.used)
    return frozenset(native for several in names for native in several).union(route.when, route.having)


def _values(condition: Condition, fixed: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield what a condition wants in fields that are the same for all events of a log source."""
    match condition:
        case Atom(str(name), Text() as text) if name in fixed and shape(text)[0] == "equals":
            yield name, shape(text)[1]
        case Atom(str(name), Number("eq", number)) if name in fixed:
            yield name, str(number)
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from _values(child, fixed)
        case Atom() | Negation():
            return


def _reach(
    rule: Rule, status: Status, missing: tuple[str, ...], *, place: str = "", alternatives: bool = False, blind: tuple[str, ...] = ()
) -> RuleReach:
    return RuleReach(rule.id, rule.title, rule.level, rule.source, status, missing, alternatives, place, blind)


def _better(one: RuleReach | None, other: RuleReach) -> RuleReach:
    """Give the one that says more: what can fire, then what lacks the fewest fields."""
    if one is None:
        return other
    return min(one, other, key=lambda each: (STATUSES.index(each.status), len(each.blind) + len(each.missing)))


def _counted(ruleset: RuleSet, rules: Mapping[str, RuleReach]) -> Iterator[RuleReach]:
    """Judge each correlation by the rules it counts: for a temporal one all of them must be able to fire, else any."""
    correlations = {one.id: one for one in ruleset.correlations}
    known: dict[str, bool] = {}

    def fires(name: str) -> bool:
        if name not in correlations:
            return name in rules and rules[name].status == "reached"
        if name not in known:
            known[name] = False  # one that counts itself does not fire
            counted = [fires(one.rule) for one in correlations[name].counted]
            known[name] = all(counted) if correlations[name].kind.startswith("temporal") else any(counted)
        return known[name]

    for one in ruleset.correlations:
        lost = tuple(f"an event that {counted.rule} fires on" for counted in one.counted if not fires(counted.rule))
        done = fires(one.id)
        yield RuleReach(
            rule=one.id,
            title=one.title,
            level=one.level,
            source=SigmaSource(),
            status="reached" if done else "source",
            missing=() if done else lost,
            alternatives=False,
            place="",
            blind=(),
        )
