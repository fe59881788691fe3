"""Correlations: what is read out of them, whom they count, and what is refused."""

from typing import Any

import pytest

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Negation, Present
from watchkeeper.detection.sigma.correlation import named, to_correlation
from watchkeeper.detection.sigma.rule import Bound, Counted

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


def test_a_correlation_is_read_with_the_fields_of_each_rule() -> None:
    found, blemishes = to_correlation(WHOLE, "many.yml", "many")
    assert blemishes == []
    assert found.counted == (
        Counted("one", ("SubjectUserName", "Computer"), ("Target",)),
        Counted("two", ("User", "Computer"), ("Target",)),
    )
    assert (found.kind, found.group, found.value) == ("value_count", ("who", "Computer"), ("Target",))
    assert (found.timespan.total_seconds(), found.bounds) == (900, (Bound("gt", 5),))
    assert (found.level, found.techniques, found.tactics) == ("high", ("T1046",), ("discovery",))


def test_without_groups_all_events_are_one_group() -> None:
    found, _ = to_correlation(changed(**{"group-by": None, "aliases": None, "type": "event_count", "condition": {"gte": 2}}), "m.yml", "m")
    assert (found.group, found.value) == ((), ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "often"}, "often"),
        ({"type": None}, "without type"),
        ({"type": "value_sum", "condition": {"gte": 1, "field": ["A", "B"]}}, "value_sum measures one field"),
        ({"type": "value_percentile"}, "needs `percentile`"),
        ({"type": "value_percentile", "condition": {"gte": 1, "field": "A", "percentile": 101}}, "needs `percentile`"),
        ({"condition": {"gte": 1}}, "without field reference"),
        ({"condition": {"gte": 1, "lt": "many", "field": "A"}}, "lt must be a number, not 'many'"),
        ({"condition": {"gte": True, "field": "A"}}, "gte must be a number, not True"),
        ({"condition": {"field": "A"}}, "exactly one condition"),
        ({"condition": {"gte": 1, "about": 2, "field": "A"}}, "invalid items: about"),
        ({"type": "event_count", "condition": "one and two"}, "temporal or temporal_ordered"),
        ({"type": "temporal", "condition": "one and two and three"}, "three"),
        ({"type": "temporal", "condition": "one and"}, "Failed to parse"),
        ({"timespan": "soon"}, "Timespan 'soon' is invalid"),
        ({"timespan": None}, "without timespan"),
        ({"rules": None}, "without rule references"),
        ({"rules": []}, "names no rules"),
        ({"rules": None, "type": "temporal", "condition": None}, "names no rules"),
        ({"aliases": {"who": "User"}}, "alias mapping must be a dict"),
        ({"aliases": {"who": {"one": "User", "uno": "Name"}}}, "the alias 'who' speaks of 'uno'; call each rule there as"),
    ],
)
def test_what_cannot_run_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        to_correlation(changed(**change), "many.yml", "many")


@pytest.mark.parametrize(("timespan", "seconds"), [("30s", 30), ("2m", 120), ("3h", 10_800), ("2d", 172_800), ("1w", 604_800)])
def test_times_have_units(timespan: str, seconds: int) -> None:
    assert to_correlation(changed(timespan=timespan), "m.yml", "m")[0].timespan.total_seconds() == seconds


@pytest.mark.parametrize("kind", ["value_avg", "value_median", "value_percentile", "value_sum"])
def test_numbers_are_measured(kind: str) -> None:
    found, _ = to_correlation(changed(type=kind, condition={"gt": 1.5, "lte": 20, "field": "A", "percentile": 95}), "m.yml", "m")
    assert (found.kind, found.value, found.bounds) == (kind, ("A",), (Bound("gt", 1.5), Bound("le", 20)))
    assert found.percentile == (95 if kind == "value_percentile" else 50)


@pytest.mark.parametrize("kind", ["temporal", "temporal_ordered"])
def test_rules_are_joined_in_time(kind: str) -> None:
    found, _ = to_correlation(changed(type=kind, condition=None), "m.yml", "m")
    assert (found.kind, found.value, found.bounds, found.wanted) == (kind, (), (Bound("ge", 2),), None)
    assert to_correlation(changed(type=kind, condition={"gte": 1}), "m.yml", "m")[0].bounds == (Bound("ge", 1),)
    found, _ = to_correlation(changed(type=kind, condition="two and not (one or three)", rules=None), "m.yml", "m")
    assert [one.rule for one in found.counted] == ["two", "one", "three"]
    one, two, three = (Atom(name, Present()) for name in ("one", "two", "three"))
    assert (found.bounds, found.wanted) == ((), AllOf((two, Negation(AnyOf((one, three))))))


def test_what_it_names_is_known_even_if_it_cannot_run() -> None:
    assert named(WHOLE) == (["one", "two"], False)
    assert named(changed(rules="one", generate=True)) == (["one"], True)
    assert named(changed(type="temporal", rules=None, condition="one and not two")) == (["one", "two"], False)
    assert named(changed(type="temporal", rules=None, condition="one and")) == ([], False)
    assert named({"correlation": None}) == ([], False)
    assert named({"correlation": {"rules": 5}}) == ([], False)
