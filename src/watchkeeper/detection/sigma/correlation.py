"""Turning pySigma's correlation rules into ours. Owns what they may ask; finding what they count stands in `resolve`."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import isfinite
from typing import Any, cast

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionNOT,
    CorrelationConditionOR,
    SigmaCorrelationCondition,
    SigmaCorrelationRule,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)
from sigma.exceptions import SigmaCorrelationRuleError, SigmaCorrelationTypeError, SigmaTimespanError

from watchkeeper.detection.sigma import parse
from watchkeeper.detection.sigma.condition import Atom, Condition, Negation, Operator, Present, all_of, any_of
from watchkeeper.detection.sigma.rule import Bound, Correlation, Counted, Kind

_KINDS: dict[str, Kind] = {
    "EVENT_COUNT": "event_count",
    "VALUE_COUNT": "value_count",
    "VALUE_SUM": "value_sum",
    "VALUE_AVG": "value_avg",
    "VALUE_MEDIAN": "value_median",
    "VALUE_PERCENTILE": "value_percentile",
    "TEMPORAL": "temporal",
    "TEMPORAL_ORDERED": "temporal_ordered",
}
_OPERATORS: dict[str, Operator] = {"lt": "lt", "lte": "le", "gt": "gt", "gte": "ge", "eq": "eq", "neq": "ne"}
_FATAL = (SigmaCorrelationRuleError, SigmaCorrelationTypeError, SigmaTimespanError)


def to_correlation(content: dict[str, Any], path: str, fallback_id: str) -> tuple[Correlation, Sequence[Exception]]:
    """Turn a parsed document into a correlation whose rules are still called as its author calls them, and what is wrong beside it.

    Raises:
        SigmaError: it is not a correlation as Sigma has it.
        ValueError: it asks for something that cannot be counted.
    """
    asked = _asked(content)
    rule = SigmaCorrelationRule.from_dict(_with_one_bound(content), collect_errors=True)
    fatal = next((error for error in rule.errors if isinstance(error, _FATAL)), None)
    if fatal is not None:
        raise fatal
    techniques, tactics = parse.attack([str(tag) for tag in rule.tags])
    kind = _KINDS[rule.type.name]
    references = _references(rule)
    _check_aliases(rule, references)
    group, value = tuple(rule.group_by or ()), _value(kind, rule.condition)
    ready = Correlation(
        id=str(rule.id) if rule.id else fallback_id,
        title=str(rule.title),
        level=parse.level(str(rule.level)),
        kind=kind,
        counted=tuple(_counted(rule, reference, group, value) for reference in references),
        group=group,
        value=value,
        timespan=timedelta(seconds=rule.timespan.seconds),
        bounds=_bounds(kind, asked.get("condition"), len(references)),
        generate=rule.generate,
        techniques=techniques,
        tactics=tactics,
        path=path,
        name=str(rule.name or ""),
        percentile=_percentile(kind, rule.condition),
        wanted=_wanted(rule.condition.parsed) if isinstance(rule.condition, SigmaExtendedCorrelationCondition) else None,
    )
    return ready, rule.errors


def named(content: dict[str, Any]) -> tuple[Sequence[str], bool]:
    """Give the names of the rules that a correlation asks for, and whether they give signals themselves, even if it cannot run."""
    asked = _asked(content)
    rules, condition = asked.get("rules"), asked.get("condition")
    if rules is None and isinstance(condition, str):
        names = _names_within(condition)
    else:
        names = [rules] if isinstance(rules, str) else [str(one) for one in cast("list[object]", rules)] if isinstance(rules, list) else []
    return names, bool(asked.get("generate"))


def _asked(content: Mapping[str, Any]) -> dict[str, object]:
    correlation = content.get("correlation")
    return cast("dict[str, object]", correlation if isinstance(correlation, dict) else {})


def _names_within(condition: str) -> list[str]:
    try:
        return SigmaExtendedCorrelationCondition(condition).get_referenced_rules()
    except ValueError:
        return []


def _references(rule: SigmaCorrelationRule) -> list[str]:
    """Give the names of the rules it counts, in the order in which it names them."""
    if rule.rules is None and isinstance(rule.condition, SigmaExtendedCorrelationCondition):
        return rule.condition.get_referenced_rules()
    names = [one.reference for one in rule.rules or ()]
    if not names:
        raise ValueError("it names no rules to count")
    return names


def _check_aliases(rule: SigmaCorrelationRule, references: Sequence[str]) -> None:
    for alias in rule.aliases:
        strange = next((one.reference for one in alias.mapping if one.reference not in references), None)
        if strange is not None:
            raise ValueError(f"the alias {alias.alias!r} speaks of {strange!r}; call each rule there as the correlation's `rules` does")


def _with_one_bound(content: dict[str, Any]) -> dict[str, Any]:
    """Give the document with the first bound alone: pySigma knows no ranges."""
    condition = _asked(content).get("condition")
    if not isinstance(condition, dict):
        return content
    bounds = [name for name in cast("dict[str, object]", condition) if name in _OPERATORS]
    one = {name: value for name, value in cast("dict[str, object]", condition).items() if name not in bounds[1:]}
    return {**content, "correlation": {**_asked(content), "condition": one}}


def _bounds(kind: Kind, condition: object, rules: int) -> tuple[Bound, ...]:
    """Give what the number must be; where rules are joined in time and nothing is said, all of them fire.

    Raises:
        ValueError: a bound is no number.
    """
    if isinstance(condition, dict):
        written = cast("dict[str, object]", condition)
        return tuple(Bound(_OPERATORS[name], _number(name, value)) for name, value in written.items() if name in _OPERATORS)
    return () if isinstance(condition, str) or not kind.startswith("temporal") else (Bound("ge", rules),)


def _number(name: str, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"{name} must be a number, not {value!r}")
    return value


def _value(kind: Kind, condition: SigmaCorrelationCondition | SigmaExtendedCorrelationCondition) -> tuple[str, ...]:
    if not kind.startswith("value") or not isinstance(condition, SigmaCorrelationCondition):
        return ()
    fields = (condition.fieldref,) if isinstance(condition.fieldref, str) else tuple(condition.fieldref or ())
    if kind != "value_count" and len(fields) != 1:
        raise ValueError(f"{kind} measures one field")
    return fields


def _percentile(kind: Kind, condition: SigmaCorrelationCondition | SigmaExtendedCorrelationCondition) -> float:
    if kind != "value_percentile" or not isinstance(condition, SigmaCorrelationCondition):
        return 50
    if condition.percentile is None or not 0 <= condition.percentile <= 100:
        raise ValueError("value_percentile needs `percentile`, a number from 0 to 100, in its condition")
    return condition.percentile


def _wanted(node: object) -> Condition:
    match node:
        case SigmaRuleReference():
            return Atom(node.reference, Present())
        case CorrelationConditionNOT():
            return Negation(_wanted(node.args[0]))
        case CorrelationConditionAND():
            return all_of([_wanted(one) for one in node.args])
        case CorrelationConditionOR():
            return any_of([_wanted(one) for one in node.args])
        case _:
            raise ValueError(f"the condition holds {type(node).__name__}, which is not known")


def _counted(rule: SigmaCorrelationRule, reference: str, group: tuple[str, ...], value: tuple[str, ...]) -> Counted:
    """Put the fields that a rule's events have in the place of aliases."""
    own = {alias.alias: field for alias in rule.aliases for named_rule, field in alias.mapping.items() if named_rule.reference == reference}
    return Counted(reference, tuple(own.get(name, name) for name in group), tuple(own.get(name, name) for name in value))
