"""From Sigma's words to conditions: what each value becomes."""

from typing import Any

import pytest

from watchkeeper.detection.sigma.condition import (
    AllOf,
    AnyOf,
    Atom,
    Condition,
    Negation,
    Network,
    Null,
    Number,
    Present,
    Regex,
    SameAs,
    Text,
    TimePart,
    Wild,
)
from watchkeeper.detection.sigma.parse import to_condition, to_rule

TEXT = Atom("F", Text(("a",)))


@pytest.mark.parametrize(
    ("key", "value", "condition"),
    [
        ("F", "A", TEXT),
        ("F", ["a"], TEXT),
        ("F", [], Atom("F", Null())),
        ("F", None, Atom("F", Null())),
        ("F", 5, Atom("F", Number("eq", 5))),
        ("F", True, Atom("F", Text(("true",)))),
        ("F|contains|cased", "A", Atom("F", Text((Wild.MANY, "A", Wild.MANY), cased=True))),
        ("F|startswith", "a*", Atom("F", Text(("a", Wild.MANY)))),
        ("F|re|i", "a", Atom("F", Regex("a", "i"))),
        ("F|re|endswith", "a", Atom("F", Regex(r"(?:.*a)\z"))),
        ("F|cidr", "10.0.0.0/8", Atom("F", Network("10.0.0.0/8"))),
        ("F|gt", 5, Atom("F", Number("gt", 5))),
        ("F|hour", 5, Atom("F", TimePart("hour", "eq", 5))),
        ("F|hour|lt", 5, Atom("F", TimePart("hour", "lt", 5))),
        ("F|exists", False, Atom("F", Present(expected=False))),
        ("F|fieldref|startswith", "G", Atom("F", SameAs("G", starts=True))),
        ("F|neq", "a", Negation(TEXT)),
        ("F|all", ["a", "b"], AllOf((TEXT, Atom("F", Text(("b",)))))),
        ("|all", ["a"], Atom(None, Text((Wild.MANY, "a", Wild.MANY)))),
    ],
)
def test_what_a_line_becomes(key: str, value: Any, condition: Condition) -> None:
    assert to_condition(key, value) == condition


def test_expansions_are_joined_with_or_even_under_all() -> None:
    condition = to_condition("F|windash|all", ["-a", "-b"])
    assert isinstance(condition, AllOf)
    assert all(isinstance(child, AnyOf) and len(child.children) == 5 for child in condition.children)


@pytest.mark.parametrize(("key", "value"), [("|exists", True), ("|fieldref", "G")])
def test_what_needs_a_field_is_refused_as_a_keyword(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"field"):
        to_condition(key, value)


def test_tags_become_techniques_and_tactics() -> None:
    content = {
        "title": "T",
        "logsource": {"product": "x"},
        "detection": {"s": {"F": "a"}, "condition": "s"},
        "tags": [
            "attack.t1003.001",
            "attack.t1059",
            "attack.lateral_movement",
            "attack.defense-evasion",
            "attack.s0002",
            "car.2016-04-002",
        ],
    }
    rule, blemishes = to_rule(content, "f.yml", "f")
    assert (rule.techniques, rule.tactics) == (("T1003.001", "T1059"), ("lateral-movement", "defense-evasion"))
    assert (rule.id, rule.level, list(blemishes)) == ("f", "informational", [])
