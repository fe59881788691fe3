"""Conditions as CACAO writes them: one boolean expression in the grammar of STIX patterns, over variables. Owns the writing alone.

What we ask exactly stands in our extension; the expression says the same to others. Source: CACAO 2.0, section 4.8; STIX 2.1, section 9.
"""

import re
from typing import assert_never

from watchkeeper.autopilot.cacao.naming import value_of
from watchkeeper.model.condition import FLAGS, NUMBERS, Condition, Every, FactHolds, NoneOf, Some, StepBecame
from watchkeeper.model.level import LEVELS

_TRUE, _FALSE = "1 = 1", "1 = 0"
_ONE = frozenset({"outcome", "hypothesis", "level"})


def expression(condition: Condition, *, holds: bool = True) -> str:
    """Write a condition, or that it does not hold."""
    match condition:
        case FactHolds():
            return _fact(condition, holds=holds)
        case StepBecame():
            return _step(condition, holds=holds)
        case Every():
            return _joined("AND" if holds else "OR", [expression(one, holds=holds) for one in condition.every], empty=holds)
        case Some():
            return _joined("OR" if holds else "AND", [expression(one, holds=holds) for one in condition.some], empty=not holds)
        case NoneOf():
            return _joined("AND" if holds else "OR", [expression(one, holds=not holds) for one in condition.none], empty=holds)
        case _:
            assert_never(condition)


def _joined(word: str, parts: list[str], *, empty: bool) -> str:
    if not parts:
        return _TRUE if empty else _FALSE
    return parts[0] if len(parts) == 1 else "(" + f" {word} ".join(parts) + ")"


def _fact(condition: FactHolds, *, holds: bool) -> str:
    told = value_of(condition.fact)
    if condition.fact in FLAGS:
        return f"{told} = {'true' if holds else 'false'}"
    if condition.fact in NUMBERS:
        return _number(condition, told, holds=holds)
    words = condition.any
    if condition.fact == "level" and condition.least in LEVELS:
        words = tuple(level for level in LEVELS[LEVELS.index(condition.least) :] if not words or level in words)
    if condition.beyond:
        return _matches(told, f"^({_any(condition.beyond)})(,({_any(condition.beyond)}))*$", holds=not holds)
    if condition.fact in _ONE and words:
        return f"{told} {'' if holds else 'NOT '}IN ({', '.join(map(_quoted, words))})"
    return _matches(told, rf"(^|,)({_any(words)})(\.|,|$)" if words else ".", holds=holds)


def _number(condition: FactHolds, told: str, *, holds: bool) -> str:
    least = condition.least if condition.least is not None or condition.most is not None else 0
    parts = [
        f"{told} {('>=' if condition.least is not None else '>') if holds else ('<' if condition.least is not None else '<=')} {least}"
    ]
    parts = parts if least is not None else []
    if condition.most is not None:
        parts.append(f"{told} {'<=' if holds else '>'} {condition.most}")
    return _joined("AND" if holds else "OR", parts, empty=holds)


def _step(condition: StepBecame, *, holds: bool) -> str:
    no = "" if holds else "NOT "
    parts = [
        f"{value_of(name)} {no}IN ({', '.join(map(_quoted, words))})"
        for name, words in ((f"became_{condition.step}", condition.became), (f"answer_{condition.step}", condition.answered))
        if words
    ]
    return (
        _joined("AND" if holds else "OR", parts, empty=holds)
        if parts
        else f"{value_of(f'became_{condition.step}')} {'!=' if holds else '='} ''"
    )


def _matches(told: str, pattern: str, *, holds: bool) -> str:
    return f"{told} {'' if holds else 'NOT '}MATCHES {_quoted(pattern)}"


def _any(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, words))


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
