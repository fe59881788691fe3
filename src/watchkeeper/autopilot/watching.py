"""Watching: what the loaded rules do about a technique, and whether this record has the logs they read. Owns the counting."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from watchkeeper.attack import current_id
from watchkeeper.detection import Rule, RuleSet
from watchkeeper.detection.logsources import LogSources
from watchkeeper.detection.sigma import SigmaSource
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.outlook import Telemetry
from watchkeeper.tracing.outlook import Watched, Watching

_MOST_LOGS = 4


Record = Mapping[LogSource, frozenset[str]]
"""Log sources of a record, each with those fields by which events are told apart that it has (`LogSources.telling`)."""


def watched_by(rules: RuleSet, sources: LogSources, record: Record) -> Watched:
    """Give the function that says of a technique what the rules do about it."""
    counting = [frozenset(map(current_id, rule.techniques)) for rule in rules.correlations if rule.techniques]
    tagged = [(rule, frozenset(map(current_id, rule.techniques))) for rule in rules.rules if rule.techniques]

    @cache
    def watched(technique: str) -> Watching:
        meant = [rule for rule, tags in tagged if _is_for(tags, technique)]
        beyond = sum(_is_for(tags, technique) for tags in counting)
        return Watching(rules=len(meant) + beyond, telemetry=_telemetry(meant, sources, record))

    return watched


def _is_for(tags: Iterable[str], technique: str) -> bool:
    """Say whether one of the tags is the technique, its parent or below it."""
    return any(tag == technique or technique.startswith(f"{tag}.") or tag.startswith(f"{technique}.") for tag in tags)


def _telemetry(rules: Sequence[Rule], sources: LogSources, record: Record) -> tuple[Telemetry, ...]:
    asked = Counter(rule.source for rule in rules)
    logs = Counter[tuple[str, bool]]()
    for wanted, count in asked.items():
        logs[_words(wanted), _is_here(wanted, sources, record)] += count
    found = [Telemetry(name=name, rules=count, here=here) for (name, here), count in logs.items()]
    return tuple(sorted(found, key=lambda one: (not one.here, -one.rules, one.name))[:_MOST_LOGS])


def _is_here(wanted: SigmaSource, sources: LogSources, record: Record) -> bool:
    return any(
        route.having <= fields | sources.fixed(source).keys()
        for source, fields in record.items()
        for route in sources.routes(wanted, source)
    )


def _words(wanted: SigmaSource) -> str:
    return " ".join(part for part in (wanted.product, wanted.category, wanted.service) if part) or "*"
