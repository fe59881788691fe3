"""Filters: which rules they are about, and what they add."""

from typing import Any

import pytest

from watchkeeper.detection.sigma.condition import AllOf, Negation
from watchkeeper.detection.sigma.filters import Filter, filtered
from watchkeeper.detection.sigma.parse import to_filter, to_rule
from watchkeeper.detection.sigma.rule import Rule

ID = "11111111-2222-4333-8444-aaaaaaaaaaaa"


def rule(**more: Any) -> Rule:
    content = {"title": "T", "id": ID, "logsource": {"product": "windows", "category": "process_creation"}, **more}
    return to_rule({**content, "detection": {"one": {"F": "a"}, "condition": "one"}}, "f.yml", "f")[0]


def a_filter(rules: object = "any", condition: str = "not 1 of ours_*", **source: str) -> Filter:
    detections = {"rules": rules, "ours_host": {"G": "b"}, "ours_user": {"H": "c"}, "condition": condition}
    return to_filter({"title": "Ours", "logsource": source or {"product": "windows"}, "filter": detections})


@pytest.mark.parametrize("rules", ["any", [], ID, [ID.upper()], "by_name", ["other", "by_name"], [ID.replace("-", "")]])
def test_a_filter_is_about_the_rules_it_names(rules: object) -> None:
    assert a_filter(rules).names(rule(name="by_name"))


@pytest.mark.parametrize("one", [a_filter("other"), a_filter(["f"]), a_filter([""]), a_filter(service="sysmon"), a_filter(product="linux")])
def test_a_filter_is_about_no_other_rule(one: Filter) -> None:
    assert not one.names(rule())
    assert filtered(rule(), [one]) == rule()


def test_what_filters_ask_is_added_one_by_one() -> None:
    first, second = a_filter(), a_filter(condition="not all of them")
    whole = filtered(rule(), [first, second])
    assert whole.condition == AllOf((AllOf((rule().condition, first.condition)), second.condition))
    assert isinstance(first.condition, Negation)
    assert first.condition != second.condition


def test_a_filter_that_names_what_it_lacks_is_an_error() -> None:
    with pytest.raises(ValueError, match="'1' of 'theirs_"):
        a_filter(condition="not 1 of theirs_*")
