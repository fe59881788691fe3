"""Finding what correlations count: by id, by name, in one another, or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from watchkeeper.detection.sigma.condition import AllOf, Atom, Null, Present
from watchkeeper.detection.sigma.resolve import Resolved, carrying, inner_first, resolved
from watchkeeper.detection.sigma.rule import Correlation, Counted, Rule, SigmaSource
from watchkeeper.detection.sigma.translated import Asked

RULES = [Rule(f"{name}-id", name, "low", SigmaSource(), Atom("F", Null()), (), (), "rule.yml", name) for name in ("one", "two")]


def counting(name: str, *counted: str, group: tuple[str, ...] = (), wanted: AllOf | None = None) -> Correlation:
    each = tuple(Counted(one, group, ()) for one in counted)
    hour = timedelta(hours=1)
    return Correlation(f"{name}-id", name, "low", "event_count", each, group, (), hour, (), False, (), (), "m.yml", name, wanted=wanted)


def asked(*correlations: Correlation, generate: bool = False) -> list[Asked]:
    return [Asked(one.name, f"rule {one.name}", () if generate else tuple(name.rule for name in one.counted), one) for one in correlations]


def running(found: Resolved) -> list[str]:
    return [one.name for one in found.correlations]


def test_rules_are_found_by_id_and_by_name() -> None:
    found = resolved(asked(counting("many", "one", "two-id", wanted=AllOf((Atom("one", Present()), Atom("two-id", Present()))))), RULES)
    assert [one.rule for one in found.correlations[0].counted] == ["one-id", "two-id"]
    assert found.correlations[0].wanted == AllOf((Atom("one-id", Present()), Atom("two-id", Present())))
    assert found.silenced == {"one", "two-id"}


def test_what_is_not_there_is_told_and_what_only_counts_for_it_is_lost() -> None:
    found = resolved(asked(counting("outer", "inner", "three"), counting("inner", "one")), RULES)
    assert found.problems == [
        "rule outer: it counts the rule 'three', which is not there or cannot run",
        "rule inner: it only counts within the correlation outer, which does not run",
    ]
    assert running(found) == []
    assert found.lost == {"inner": "outer", "three": "outer", "one": "inner"}


def test_a_correlation_that_generates_leaves_what_it_counts_alone() -> None:
    found = resolved(asked(counting("outer", "inner", "three"), generate=True) + asked(counting("inner", "one")), RULES)
    assert running(found) == ["inner"]
    assert found.correlations[0].emits


def test_correlations_count_correlations_in_any_order_and_depth() -> None:
    chain = [counting(f"c{number}", f"c{number + 1}") for number in range(2_000)] + [counting("c2000", "one")]
    found = resolved(asked(*chain), RULES)
    assert found.problems == []
    assert [one.emits for one in found.correlations] == [True] + [False] * 2_000
    assert found.correlations[0].counted[0].rule == "c1-id"
    assert inner_first(found.correlations)[0] == "c2000-id"


def test_a_circle_is_told_of_each_in_it_and_the_others_run() -> None:
    found = resolved(asked(counting("a", "b"), counting("b", "a"), counting("c", "c"), counting("d", "one"), counting("e", "a")), RULES)
    assert sorted(found.problems) == [
        "rule a: it counts itself, by way of 'b'",
        "rule b: it counts itself, by way of 'a'",
        "rule c: it counts itself",
        "rule e: it counts the rule 'a', which is not there or cannot run",
    ]
    assert running(found) == ["d"]
    with pytest.raises(ValueError, match="in a circle"):
        inner_first([counting("a", "b-id"), counting("b", "a-id")])


def test_a_correlation_that_cannot_be_read_still_silences_nothing_but_is_missed() -> None:
    found = resolved([Asked("broken", "rule broken", ("one",), None), *asked(counting("outer", "broken"))], RULES)
    assert found.problems == ["rule outer: it counts the rule 'broken', which is not there or cannot run"]
    assert found.lost == {"one": "broken", "broken": "outer"}


def test_fields_are_carried_down_to_where_events_are() -> None:
    outer, middle = counting("outer", "middle-id", group=("User", "Image")), counting("middle", "inner-id", group=("User",))
    inner = counting("inner", "one-id", group=("Computer",))
    assert [one.carried for one in carrying([outer, middle, inner])] == [(), ("Image",), ("Image", "User")]


def test_rules_joined_in_time_are_different_ones() -> None:
    joined = replace(counting("joined", "one", "one-id"), kind="temporal")
    assert resolved(asked(joined), RULES).problems == [
        "rule joined: it names the rule 'one-id' twice; where rules are joined in time, count its events instead"
    ]
    assert running(resolved(asked(counting("counted", "one", "one-id")), RULES)) == ["counted"]
