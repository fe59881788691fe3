"""Finding what correlations count: by id, by name, or not at all."""

from datetime import timedelta

import pytest

from watchkeeper.detection.sigma.condition import Atom, Null
from watchkeeper.detection.sigma.resolve import resolved
from watchkeeper.detection.sigma.rule import Correlation, Counted, Rule, SigmaSource


def rule(rule_id: str, name: str) -> Rule:
    return Rule(rule_id, name, "low", SigmaSource(), Atom("F", Null()), (), (), "rule.yml", name)


def test_rules_are_found_by_id_and_by_name() -> None:
    counted = (Counted("one", (), ()), Counted("two-id", (), ()))
    found = Correlation("c", "Many", "low", "event_count", counted, (), (), timedelta(hours=1), "ge", 5, False, (), (), "many.yml")
    assert [one.rule for one in resolved(found, [rule("one-id", "one"), rule("two-id", "")]).counted] == ["one-id", "two-id"]
    with pytest.raises(ValueError, match="'two-id', which is not there"):
        resolved(found, [rule("one-id", "one")])
