"""Correlations: what is read out of them, whom they count, and what is refused."""

from typing import Any

import pytest

from watchkeeper.detection.sigma.condition import Atom, Null
from watchkeeper.detection.sigma.correlation import named, to_correlation
from watchkeeper.detection.sigma.rule import Counted, Rule, SigmaSource

WHOLE: dict[str, Any] = {
    "title": "Many",
    "id": "33333333-2222-4333-8444-555555555555",
    "level": "high",
    "tags": ["attack.discovery", "attack.t1046"],
    "correlation": {
        "type": "value_count",
        "rules": ["one", "two"],
        "group-by": ["who", "Computer"],
        "aliases": {"who": {"one": "SubjectUserName", "two": "User"}},
        "timespan": "15m",
        "condition": {"gt": 5, "field": "Target"},
    },
}


def changed(**correlation: Any) -> dict[str, Any]:
    return {**WHOLE, "correlation": {name: value for name, value in {**WHOLE["correlation"], **correlation}.items() if value is not None}}


def rule(rule_id: str, name: str) -> Rule:
    return Rule(rule_id, name, "low", SigmaSource(), Atom("F", Null()), (), (), "rule.yml", name)


def test_a_correlation_is_read_with_the_fields_of_each_rule() -> None:
    found, blemishes = to_correlation(WHOLE, "many.yml", "many")
    assert blemishes == []
    assert found.counted == (
        Counted("one", ("SubjectUserName", "Computer"), ("Target",)),
        Counted("two", ("User", "Computer"), ("Target",)),
    )
    assert (found.kind, found.group, found.value) == ("value_count", ("who", "Computer"), ("Target",))
    assert (found.timespan.total_seconds(), found.operator, found.number) == (900, "gt", 5)
    assert (found.level, found.techniques, found.tactics) == ("high", ("T1046",), ("discovery",))


def test_without_groups_all_events_are_one_group() -> None:
    found, _ = to_correlation(changed(**{"group-by": None, "aliases": None, "type": "event_count", "condition": {"gte": 2}}), "m.yml", "m")
    assert (found.group, found.value) == ((), ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "temporal", "condition": None}, "type 'temporal' do not run"),
        ({"type": "value_avg"}, "type 'value_avg' do not run"),
        ({"type": "often"}, "often"),
        ({"type": "value_sum", "condition": {"gte": 1, "field": ["A", "B"]}}, "adds up one field"),
        ({"condition": {"gte": 1}}, "without field reference"),
        ({"timespan": "soon"}, "Timespan 'soon' is invalid"),
        ({"rules": None}, "without rule references"),
    ],
)
def test_what_cannot_run_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        to_correlation(changed(**change), "many.yml", "many")


def test_what_it_names_is_known_even_if_it_cannot_run() -> None:
    assert named(WHOLE) == (["one", "two"], False)
    assert named(changed(rules="one", generate=True)) == (["one"], True)
    assert named({"correlation": None}) == ([], False)
    assert named({"correlation": {"rules": 5}}) == ([], False)
