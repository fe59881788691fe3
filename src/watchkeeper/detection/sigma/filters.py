"""Filters: what a person takes away from rules that others wrote. Owns which rules a filter names and what it adds to their conditions.

Reading filters stands in `parse`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from watchkeeper.detection.sigma.condition import Condition, all_of
from watchkeeper.detection.sigma.rule import Rule, SigmaSource


@dataclass(frozen=True, slots=True)
class Filter:
    """What must hold beside the condition of the rules it names."""

    rules: tuple[str, ...] | None
    """Ids and names of the rules; none means every rule of the log source."""
    source: SigmaSource
    """Only rules about this kind of log, or about a part of it."""
    condition: Condition
    bounded: bool = True
    """Whether all its regular expressions run in bounded time."""
    name: str = ""
    """What it is called when it is spoken of."""
    path: str = ""
    """File it stands in."""

    def names(self, rule: Rule) -> bool:
        """Say whether it is about the rule."""
        wanted, own = self.source, rule.source
        if any(part and part != other for part, other in zip(_words(wanted), _words(own), strict=True)):
            return False
        return self.rules is None or rule.id in self.rules or (bool(rule.name) and rule.name in self.rules)


def filtered(rule: Rule, filters: Iterable[Filter]) -> Rule:
    """Give the rule with what each filter that names it asks besides."""
    for one in filters:
        if one.names(rule):
            rule = replace(rule, condition=all_of([rule.condition, one.condition]), bounded=rule.bounded and one.bounded)
    return rule


def idle(one: Filter, rules: Sequence[Rule]) -> str:
    """Say why a filter does nothing that it should; empty if it does."""
    if one.rules is None:
        return ""
    known = {rule.id for rule in rules} | {rule.name for rule in rules}
    missing = [name for name in one.rules if name not in known]
    if missing:
        return f"it names the rule {missing[0]!r}, which is not there or cannot run"
    return "" if any(one.names(rule) for rule in rules) else "no rule that it names is about its log source"


def _words(source: SigmaSource) -> tuple[str, str, str]:
    return source.product, source.category, source.service
