"""Turning pySigma's correlation rules into ours. Owns what is supported; finding what they count stands in `resolve`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal, cast

from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationRule
from sigma.exceptions import SigmaCorrelationRuleError

from watchkeeper.detection.sigma import parse
from watchkeeper.detection.sigma.condition import Operator
from watchkeeper.detection.sigma.rule import Correlation, Counted

_KINDS: dict[str, Literal["event_count", "value_count", "value_sum"]] = {
    "EVENT_COUNT": "event_count",
    "VALUE_COUNT": "value_count",
    "VALUE_SUM": "value_sum",
}
_OPERATORS: dict[str, Operator] = {"LT": "lt", "LTE": "le", "GT": "gt", "GTE": "ge", "EQ": "eq", "NEQ": "ne"}


def to_correlation(content: dict[str, Any], path: str, fallback_id: str) -> tuple[Correlation, Sequence[Exception]]:
    """Turn a parsed document into a correlation whose rules are still called as its author calls them, and what is wrong beside it.

    Raises:
        SigmaError: it is not a correlation as Sigma has it.
        ValueError: it is of a type that is not supported.
    """
    rule = SigmaCorrelationRule.from_dict(content, collect_errors=True)
    fatal = next((error for error in rule.errors if isinstance(error, SigmaCorrelationRuleError)), None)
    if fatal is not None:
        raise fatal
    if rule.type.name not in _KINDS or not isinstance(rule.condition, SigmaCorrelationCondition):
        raise ValueError(f"correlations of type {rule.type.name.lower()!r} do not run; event_count, value_count and value_sum do")
    techniques, tactics = parse.attack([str(tag) for tag in rule.tags])
    kind = _KINDS[rule.type.name]
    group = tuple(rule.group_by or ())
    value = () if kind == "event_count" else _fields(rule.condition.fieldref)
    if kind == "value_sum" and len(value) != 1:
        raise ValueError("value_sum adds up one field")
    ready = Correlation(
        id=str(rule.id) if rule.id else fallback_id,
        title=str(rule.title),
        level=parse.level(str(rule.level)),
        kind=kind,
        counted=tuple(_counted(rule, one.reference, group, value) for one in rule.rules or ()),
        group=group,
        value=value,
        timespan=timedelta(seconds=rule.timespan.seconds),
        operator=_OPERATORS[rule.condition.op.name],
        number=rule.condition.count,
        generate=rule.generate,
        techniques=techniques,
        tactics=tactics,
        path=path,
    )
    return ready, rule.errors


def named(content: dict[str, Any]) -> tuple[Sequence[str], bool]:
    """Give the names of the rules that a correlation asks for, and whether they give signals themselves, even if it cannot run."""
    correlation = content.get("correlation")
    asked = cast("dict[str, object]", correlation if isinstance(correlation, dict) else {})
    rules = cast("object", asked.get("rules"))
    names = [rules] if isinstance(rules, str) else [str(one) for one in cast("list[object]", rules)] if isinstance(rules, list) else []
    return names, bool(asked.get("generate"))


def _fields(fieldref: str | list[str] | None) -> tuple[str, ...]:
    return (fieldref,) if isinstance(fieldref, str) else tuple(fieldref or ())


def _counted(rule: SigmaCorrelationRule, reference: str, group: tuple[str, ...], value: tuple[str, ...]) -> Counted:
    """Put the fields that a rule's events have in the place of aliases."""
    own = {alias.alias: field for alias in rule.aliases for named_rule, field in alias.mapping.items() if named_rule.reference == reference}
    return Counted(reference, tuple(own.get(name, name) for name in group), tuple(own.get(name, name) for name in value))
