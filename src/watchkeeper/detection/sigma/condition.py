"""Condition: what a rule asks of an event, as a small tree. Owns the shapes; parsing rules, evaluating and explaining stand beside it.

The shapes are structs and not dataclasses, so that kept rules are read back at once, each class known by its tag.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from typing import Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

_T = TypeVar("_T")
Operator = Literal["eq", "ne", "lt", "le", "gt", "ge"]
Part = Literal["minute", "hour", "day", "week", "month", "year"]


class Wild(IntEnum):
    """A wildcard in a text."""

    MANY = 1
    """Any number of characters, none included."""
    ONE = 2
    """Exactly one character."""


class Shape(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """A part of a condition: a value that never changes, so that no shape can hold itself."""


class Text(Shape, frozen=True):
    """The whole value reads like this; no parts stand for the empty value. Made by `text.text`, which keeps the parts tidy and folded."""

    parts: tuple[str | Wild, ...]
    cased: bool = False


class Regex(Shape, frozen=True):
    """The pattern is found somewhere in the value."""

    pattern: str
    flags: str = ""
    """Any of `i`, `m` and `s`, in this order."""


class Network(Shape, frozen=True):
    """The value is an address in this network."""

    cidr: str


class Number(Shape, frozen=True):
    """The value is a number that compares so."""

    operator: Operator
    number: int | float


class TimePart(Shape, frozen=True):
    """The value is a time whose part, in UTC, compares so."""

    part: Part
    operator: Operator
    number: int | float


class SameAs(Shape, frozen=True):
    """The value equals another field's value, or starts or ends with it, or holds it when both are set."""

    field: str
    starts: bool = False
    ends: bool = False
    cased: bool = False


class Null(Shape, frozen=True):
    """The event has no value for the field."""


class Present(Shape, frozen=True):
    """The event has the field, whatever its value; or has it not."""

    expected: bool = True


Test = Text | Regex | Network | Number | TimePart | SameAs | Null | Present


class Atom(Shape, frozen=True):
    """One test on one field, or on any value of the event."""

    field: str | None
    """Field by its name in the rule or, once routed, in the event; none for any value of the event (a keyword)."""
    test: Test


class AllOf(Shape, frozen=True):
    """Every child holds."""

    children: tuple["Condition", ...]


class AnyOf(Shape, frozen=True):
    """At least one child holds."""

    children: tuple["Condition", ...]


class Negation(Shape, frozen=True):
    """The child does not hold."""

    child: "Condition"


Condition = Atom | AllOf | AnyOf | Negation


def all_of(children: list[Condition]) -> Condition:
    """Join with and; a single child stands for itself."""
    return children[0] if len(children) == 1 else AllOf(tuple(children))


def any_of(children: list[Condition]) -> Condition:
    """Join with or; a single child stands for itself."""
    return children[0] if len(children) == 1 else AnyOf(tuple(children))


def rename(condition: Condition, names: Mapping[str, str]) -> Condition:
    """Give the condition with other field names; what is not named stays."""
    match condition:
        case Atom(field=None):
            return condition
        case Atom(field, SameAs() as test):
            return Atom(names.get(field or "", field), replace(test, field=names.get(test.field, test.field)))
        case Atom(field, test):
            return Atom(names.get(field or "", field), test)
        case AllOf(children):
            return AllOf(tuple(rename(child, names) for child in children))
        case AnyOf(children):
            return AnyOf(tuple(rename(child, names) for child in children))
        case Negation(child):
            return Negation(rename(child, names))


def fields(condition: Condition) -> frozenset[str]:
    """Give every field the condition looks at, the other side of field references included."""
    found: set[str] = set()
    waiting = [condition]
    while waiting:
        match waiting.pop():
            case Atom(field, test):
                if field is not None:
                    found.add(field)
                if isinstance(test, SameAs):
                    found.add(test.field)
            case AllOf(children) | AnyOf(children):
                waiting.extend(children)
            case Negation(child):
                waiting.append(child)
    return frozenset(found)


def needed(
    condition: Condition, of: Callable[[Atom], frozenset[_T] | None], cost: Callable[[frozenset[_T]], float] = len
) -> frozenset[_T] | None:
    """Give things of which at least one is there whenever the condition holds, the cheapest such set; none if that cannot be said.

    `of` says that of an atom.
    """
    match condition:
        case Atom():
            return of(condition)
        case Negation():
            return None
        case AllOf(children):
            return min((found for child in children if (found := needed(child, of, cost)) is not None), key=cost, default=None)
        case AnyOf(children):
            sets = [needed(child, of, cost) for child in children]
            return frozenset[_T]().union(*(one or () for one in sets)) if all(one is not None for one in sets) else None


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
