"""Turning pySigma's rules into ours. Owns the mapping of its types to conditions; finding files and wording problems stand elsewhere."""

import re
from collections.abc import Sequence
from typing import Any

from sigma.conditions import ConditionAND, ConditionIdentifier, ConditionNOT, ConditionOR, ConditionSelector
from sigma.modifiers import SigmaCaseSensitiveModifier, SigmaEndswithModifier, SigmaStartswithModifier
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaDetections, SigmaRule
from sigma.types import (
    Placeholder,
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from watchkeeper.detection.sigma.condition import (
    Atom,
    Condition,
    Negation,
    Network,
    Null,
    Number,
    Operator,
    Part,
    Present,
    Regex,
    SameAs,
    Test,
    Text,
    TimePart,
    Wild,
    all_of,
    any_of,
)
from watchkeeper.detection.sigma.regex import search
from watchkeeper.detection.sigma.rule import Rule, SigmaSource
from watchkeeper.model.signal import LEVELS, Level

_OPERATORS: dict[str, Operator] = {"LT": "lt", "LTE": "le", "GT": "gt", "GTE": "ge", "NEQ": "ne"}
_PARTS: dict[str, Part] = {"MINUTE": "minute", "HOUR": "hour", "DAY": "day", "WEEK": "week", "MONTH": "month", "YEAR": "year"}
_FLAGS = {"IGNORECASE": "i", "MULTILINE": "m", "DOTALL": "s"}
_WILD = {SpecialChars.WILDCARD_MULTI: Wild.MANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
_TECHNIQUE = re.compile(r"t\d{4}(\.\d{3})?")
_TACTIC = re.compile(r"[a-z]+([-_][a-z]+)*")


def to_rule(rule: SigmaRule, path: str, fallback_id: str) -> Rule:
    """Turn a parsed rule into one that can be run.

    Raises:
        SigmaError: its condition does not parse, or asks for a detection that is not there.
        ValueError: it asks for something that cannot be evaluated; the message says what.
    """
    detections = rule.detection
    parsed = [condition.parse(postprocess=False) for condition in detections.parsed_condition]
    techniques, tactics = _attack([str(tag) for tag in rule.tags])
    source = rule.logsource
    return Rule(
        id=str(rule.id) if rule.id else fallback_id,
        title=rule.title,
        level=_level(str(rule.level)),
        source=SigmaSource(source.product or "", source.category or "", source.service or ""),
        condition=any_of([_node(node, detections) for node in parsed]),
        techniques=techniques,
        tactics=tactics,
        path=path,
    )


def _level(text: str) -> Level:
    """Give the level; a rule that claims none gets the lowest."""
    return next((level for level in LEVELS if level == text), "informational")


def _attack(tags: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = [tag.removeprefix("attack.").lower() for tag in tags if tag.startswith("attack.")]
    techniques = tuple(name.upper() for name in names if _TECHNIQUE.fullmatch(name))
    return techniques, tuple(name.replace("_", "-") for name in names if _TACTIC.fullmatch(name))


def _node(node: Any, detections: SigmaDetections) -> Condition:
    match node:
        case ConditionIdentifier():
            if node.identifier not in detections.detections:
                raise ValueError(f"the condition names {node.identifier!r}, which the rule does not define")
            return _detection(detections.detections[node.identifier])
        case ConditionSelector():
            chosen = node.resolve_referenced_detections(detections)
            if not chosen:
                raise ValueError(f"the condition asks for {node.args[0]!r} of {node.pattern!r}, and nothing is called that")
            join = all_of if node.cond_class is ConditionAND else any_of
            return join([_node(one, detections) for one in chosen])
        case ConditionNOT():
            return Negation(_node(node.args[0], detections))
        case ConditionAND():
            return all_of([_node(one, detections) for one in node.args])
        case ConditionOR():
            return any_of([_node(one, detections) for one in node.args])
        case _:
            raise ValueError(f"the condition holds {type(node).__name__}, which is not known")


def _detection(detection: SigmaDetection) -> Condition:
    children = [_detection(item) if isinstance(item, SigmaDetection) else _item(item) for item in detection.detection_items]
    return all_of(children) if detection.item_linking is ConditionAND else any_of(children)


def _item(item: SigmaDetectionItem) -> Condition:
    children = [_value(item, value) for value in item.value] or [_value(item, SigmaNull())]
    joined = all_of(children) if item.value_linking is ConditionAND else any_of(children)
    return Negation(joined) if item.negated else joined


def _value(item: SigmaDetectionItem, value: SigmaType) -> Condition:
    if isinstance(value, SigmaExpansion):
        return any_of([_value(item, one) for one in value.values])
    test = _test(item, value)
    if item.field is not None:
        return Atom(item.field, test)
    if isinstance(test, Null | Present | SameAs):
        raise ValueError("a keyword must be a value; null, exists and fieldref need a field")
    return Atom(None, _anywhere(test) if isinstance(test, Text) else test)


def _anywhere(text: Text) -> Text:
    return Text((Wild.MANY, *text.parts, Wild.MANY), cased=text.cased)


def _test(item: SigmaDetectionItem, value: SigmaType) -> Test:
    cased = SigmaCaseSensitiveModifier in item.modifiers
    match value:
        case SigmaString():
            return Text(tuple(_part(part) for part in value.s), cased=cased)
        case SigmaNull():
            return Null()
        case SigmaBool():
            return Text((str(value.boolean).lower(),))
        case SigmaTimestampPart():
            return TimePart(_PARTS[value.timestamp_part.name], "eq", value.number)
        case SigmaNumber():
            return Number("eq", value.number) if item.field is not None else Text((str(value.number),))
        case SigmaFieldReference():
            return SameAs(value.field, value.starts_with, value.ends_with, cased)
        case _:
            return _expression(item, value)


def _expression(item: SigmaDetectionItem, value: SigmaType) -> Test:
    match value:
        case SigmaRegularExpression():
            return _regex(item, value)
        case SigmaCIDRExpression():
            return Network(str(value.network))
        case SigmaExists():
            exists: Any = value.exists
            return Present(bool(exists))
        case SigmaCompareExpression():
            operator, number = _OPERATORS[value.op.name], value.number
            if isinstance(number, SigmaTimestampPart):
                return TimePart(_PARTS[number.timestamp_part.name], operator, number.number)
            return Number(operator, number.number)
        case _:
            raise ValueError(f"values of type {type(value).__name__} cannot be evaluated")


def _part(part: object) -> str | Wild:
    match part:
        case str():
            return part
        case SpecialChars():
            return _WILD[part]
        case Placeholder():
            raise ValueError(f"the placeholder %{part.name}% has no values here; write them into the rule")
        case _:
            raise ValueError(f"a text holds {type(part).__name__}, which is not known")


def _regex(item: SigmaDetectionItem, value: SigmaRegularExpression) -> Regex:
    """Give the regular expression; `startswith` and `endswith` anchor it, for by itself it is looked for anywhere in the value."""
    if value.contains_placeholder():
        raise ValueError("a placeholder in a regular expression has no values here; write them into the rule")
    pattern = "".join(part if isinstance(part, str) else _WILD[part].value for part in value.regexp.s if not isinstance(part, Placeholder))
    if SigmaStartswithModifier in item.modifiers:
        pattern = rf"\A(?:{pattern})"
    if SigmaEndswithModifier in item.modifiers:
        pattern = rf"(?:{pattern})\z"
    regex = Regex(pattern, "".join(sorted(_FLAGS[flag.name] for flag in value.flags)))
    search(regex)
    return regex
