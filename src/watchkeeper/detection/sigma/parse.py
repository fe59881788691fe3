"""Turning pySigma's rules into ours. Owns the mapping of its types to conditions; finding files and wording problems stand elsewhere."""

import re
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sigma.conditions import ConditionAND, ConditionIdentifier, ConditionNOT, ConditionOR, ConditionSelector
from sigma.filters import SigmaFilter
from sigma.modifiers import SigmaEndswithModifier, SigmaStartswithModifier
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import RegexEngine, RegexPattern
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaDetections, SigmaRule
from sigma.rule.detection import EmptySigmaDetections
from sigma.rule.logsource import EmptyLogSource, SigmaLogSource
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

from watchkeeper.detection.sigma import modifiers
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
from watchkeeper.detection.sigma.expansion import fill, fill_item
from watchkeeper.detection.sigma.filters import Filter
from watchkeeper.detection.sigma.modifiers import Cased, as_text
from watchkeeper.detection.sigma.placeholders import NO_VALUES, Placeholders
from watchkeeper.detection.sigma.regex import search
from watchkeeper.detection.sigma.rule import Rule, SigmaSource
from watchkeeper.detection.sigma.text import text
from watchkeeper.model.level import LEVELS, Level

_OPERATORS: dict[str, Operator] = {"LT": "lt", "LTE": "le", "GT": "gt", "GTE": "ge", "NEQ": "ne"}
_PARTS: dict[str, Part] = {"MINUTE": "minute", "HOUR": "hour", "DAY": "day", "WEEK": "week", "MONTH": "month", "YEAR": "year"}
_FLAGS = {"IGNORECASE": "i", "MULTILINE": "m", "DOTALL": "s"}
_STARS = {SpecialChars.WILDCARD_MULTI: "*", SpecialChars.WILDCARD_SINGLE: "?"}
_WILD = {SpecialChars.WILDCARD_MULTI: Wild.MANY, SpecialChars.WILDCARD_SINGLE: Wild.ONE}
MODIFIERS = modifiers.MODIFIERS
"""Names of the modifiers that are understood."""
_TECHNIQUE = re.compile(r"t\d{4}(\.\d{3})?")
_TACTIC = re.compile(r"[a-z]+([-_][a-z]+)*")


class _Engine(RegexEngine):
    """Lets pySigma accept every regular expression that the evaluator can run; itself it accepts only RE2's."""

    @property
    def error(self) -> type[Exception]:
        return ValueError

    def compile(self, pattern: str, flags: int = 0) -> RegexPattern:
        """Check the pattern; give what pySigma matches names of detections with."""
        search(Regex(pattern))
        return cast("RegexPattern", re.compile(pattern, flags) if _NAMES.fullmatch(pattern) else _NOTHING)


_NAMES = re.compile(r"[\w.*-]*")
_NOTHING = re.compile(r"(?!)")
_POLICY = SigmaPolicy(regex_engine=_Engine())


def to_rule(
    content: dict[str, Any], path: str, fallback_id: str, placeholders: Placeholders = NO_VALUES
) -> tuple[Rule, Sequence[Exception]]:
    """Turn a parsed document into a rule that can be run, and what is wrong with it beside its detection.

    Raises:
        SigmaError: its log source or detection is not as Sigma has it.
        ValueError: it asks for something that cannot be evaluated; the message says what.
    """
    rule = SigmaRule.from_dict(_textual(content, "detection"), collect_errors=True, policy=_POLICY)
    fatal = isinstance(rule.detection, EmptySigmaDetections) or isinstance(rule.logsource, EmptyLogSource)
    if fatal:
        raise rule.errors[-1]
    fill(rule.detection, placeholders)
    techniques, tactics = attack([str(tag) for tag in rule.tags])
    ready = Rule(
        id=str(rule.id) if rule.id else fallback_id,
        title=str(rule.title),
        level=level(str(rule.level)),
        source=_source(rule.logsource),
        condition=_whole(rule.detection),
        techniques=techniques,
        tactics=tactics,
        path=path,
        name=str(rule.name or ""),
    )
    return ready, rule.errors


def to_filter(content: dict[str, Any], placeholders: Placeholders = NO_VALUES) -> Filter:
    """Turn a parsed document into a filter.

    Raises:
        SigmaError: it is not a filter as Sigma has it.
        ValueError: it asks for something that cannot be evaluated; the message says what.
    """
    parsed = SigmaFilter.from_dict(_textual(content, "filter"), policy=_POLICY)
    fill(parsed.filter, placeholders)
    asked = parsed.filter.rules
    rules = None if isinstance(asked, str) else tuple(_reference(str(one.reference)) for one in asked)
    return Filter(rules, _source(parsed.logsource), _whole(parsed.filter))


def to_condition(key: str, value: Any, placeholders: Placeholders = NO_VALUES) -> Condition:
    """Turn one line of a detection, such as `CommandLine|contains: x`, into a condition.

    Raises:
        SigmaError: the modifiers or the value are not as Sigma has them.
        ValueError: it asks for something that cannot be evaluated.
    """
    written = as_text({key: value})[key]
    item = SigmaDetectionItem.from_mapping(key, written, policy=_POLICY)
    fill_item(item, placeholders)
    return _item(item)


def _textual(content: dict[str, Any], key: str) -> dict[str, Any]:
    return {**content, key: as_text(content[key])} if key in content else content


def _source(source: SigmaLogSource) -> SigmaSource:
    return SigmaSource(source.product or "", source.category or "", source.service or "")


def _reference(name: str) -> str:
    """Give an id in the usual spelling, a name as it is."""
    try:
        return str(UUID(name))
    except ValueError:
        return name


def _whole(detections: SigmaDetections) -> Condition:
    return any_of([_node(condition.parse(postprocess=False), detections) for condition in detections.parsed_condition])


def level(text: str) -> Level:
    """Give the level; a rule that claims none gets the lowest."""
    return LEVELS[LEVELS.index(text)] if text in LEVELS else LEVELS[0]


def attack(tags: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the technique ids, upper case, and the tactics among a rule's tags."""
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
        raise ValueError("a keyword must be a value; null, exists and fieldref need a field")  # noqa: TRY004 - the rule's value, not a type
    return Atom(None, _anywhere(test) if isinstance(test, Text) else test)


def _anywhere(whole: Text) -> Text:
    return text((Wild.MANY, *whole.parts, Wild.MANY), cased=whole.cased)


def _test(item: SigmaDetectionItem, value: SigmaType) -> Test:
    cased = Cased in item.modifiers
    match value:
        case SigmaString():
            return text((_part(part) for part in value.s), cased=cased)
        case SigmaBool():
            return text((str(value.boolean),))
        case SigmaNumber() if not isinstance(value, SigmaTimestampPart):
            return Number("eq", value.number) if item.field is not None else text((str(value.number),))
        case SigmaFieldReference():
            return SameAs(value.field, value.starts_with, value.ends_with, cased)
        case SigmaRegularExpression():
            return _regex(item, value)
        case _:
            return _expression(value)


def _expression(value: SigmaType) -> Test:
    match value:
        case SigmaNull():
            return Null()
        case SigmaTimestampPart():
            return TimePart(_PARTS[value.timestamp_part.name], "eq", value.number)
        case SigmaCIDRExpression():
            return Network(str(value.network))
        case SigmaExists():
            exists: Any = value.exists
            return Present(bool(exists))
        case SigmaCompareExpression():
            return _comparison(_OPERATORS[value.op.name], value.number)
        case _:
            raise ValueError(f"values of type {type(value).__name__} cannot be evaluated")


def _comparison(operator: Operator, number: SigmaNumber) -> Number | TimePart:
    if isinstance(number, SigmaTimestampPart):
        return TimePart(_PARTS[number.timestamp_part.name], operator, number.number)
    return Number(operator, number.number)


def _part(part: object) -> str | Wild:
    match part:
        case str():
            return part
        case SpecialChars():
            return _WILD[part]
        case Placeholder():
            raise ValueError(
                f"the placeholder %{part.name}% has no values here; give them with --placeholders, or write them into the rule"
            )
        case _:
            raise ValueError(f"a text holds {type(part).__name__}, which is not known")


def _regex(item: SigmaDetectionItem, value: SigmaRegularExpression) -> Regex:
    """Give the regular expression; `startswith` and `endswith` anchor it, for by itself it is looked for anywhere in the value."""
    if value.contains_placeholder():
        raise ValueError(
            "a placeholder in the regular expression has no values here; give them with --placeholders, or write them into the rule"
        )
    pattern = "".join(part if isinstance(part, str) else _STARS[part] for part in value.regexp.s if not isinstance(part, Placeholder))
    if SigmaStartswithModifier in item.modifiers:
        pattern = rf"\A(?:{pattern})"
    if SigmaEndswithModifier in item.modifiers:
        pattern = rf"(?:{pattern})\z"
    regex = Regex(pattern, "".join(sorted(_FLAGS[flag.name] for flag in value.flags)))
    search(regex)
    return regex
