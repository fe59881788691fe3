"""Condition: what a rule asks of an event, as a small tree. Owns the shapes; parsing rules, evaluating and explaining stand beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Operator = Literal["eq", "ne", "lt", "le", "gt", "ge"]
Part = Literal["minute", "hour", "day", "week", "month", "year"]


class Wild(Enum):
    """A wildcard in a text."""

    MANY = "*"
    """Any number of characters, none included."""
    ONE = "?"
    """Exactly one character."""


@dataclass(frozen=True, slots=True)
class Text:
    """The whole value reads like this; no parts stand for the empty value. Made by `text.text`, which keeps the parts tidy and folded."""

    parts: tuple[str | Wild, ...]
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Regex:
    """The pattern is found somewhere in the value."""

    pattern: str
    flags: str = ""
    """Any of `i`, `m` and `s`, in this order."""


@dataclass(frozen=True, slots=True)
class Network:
    """The value is an address in this network."""

    cidr: str


@dataclass(frozen=True, slots=True)
class Number:
    """The value is a number that compares so."""

    operator: Operator
    number: float


@dataclass(frozen=True, slots=True)
class TimePart:
    """The value is a time whose part, in UTC, compares so."""

    part: Part
    operator: Operator
    number: float


@dataclass(frozen=True, slots=True)
class SameAs:
    """The value equals another field's value, or starts or ends with it, or holds it when both are set."""

    field: str
    starts: bool = False
    ends: bool = False
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Null:
    """The event has no value for the field."""


@dataclass(frozen=True, slots=True)
class Present:
    """The event has the field, whatever its value; or has it not."""

    expected: bool = True


Test = Text | Regex | Network | Number | TimePart | SameAs | Null | Present


@dataclass(frozen=True, slots=True)
class Atom:
    """One test on one field, or on any value of the event."""

    field: str | None
    """Field by its name in the rule or, once routed, in the event; none for any value of the event (a keyword)."""
    test: Test


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every child holds."""

    children: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one child holds."""

    children: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The child does not hold."""

    child: "Condition"


Condition = Atom | AllOf | AnyOf | Negation


def all_of(children: list[Condition]) -> Condition:
    """Join with and; a single child stands for itself."""
    return children[0] if len(children) == 1 else AllOf(tuple(children))


def any_of(children: list[Condition]) -> Condition:
    """Join with or; a single child stands for itself."""
    return children[0] if len(children) == 1 else AnyOf(tuple(children))


def fields(condition: Condition) -> frozenset[str]:
    """Give every field the condition looks at, the other side of field references included."""
    match condition:
        case Atom(field, test):
            other = {test.field} if isinstance(test, SameAs) else set[str]()
            return frozenset(other | ({field} if field is not None else set()))
        case AllOf(children) | AnyOf(children):
            return frozenset[str]().union(*(fields(child) for child in children))
        case Negation(child):
            return fields(child)


def has_keywords(condition: Condition) -> bool:
    """Say whether the condition looks at any value of the event somewhere."""
    match condition:
        case Atom(field, _):
            return field is None
        case AllOf(children) | AnyOf(children):
            return any(has_keywords(child) for child in children)
        case Negation(child):
            return has_keywords(child)


def all_tests(condition: Condition) -> Iterator[Test]:
    """Yield every test in the condition, in its order."""
    match condition:
        case Atom(_, test):
            yield test
        case AllOf(children) | AnyOf(children):
            for child in children:
                yield from all_tests(child)
        case Negation(child):
            yield from all_tests(child)
