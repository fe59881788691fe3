"""Placeholders: what a rule with them becomes."""

from typing import Any

import pytest

from watchkeeper.detection.sigma.parse import to_filter, to_rule
from watchkeeper.detection.sigma.reference import compile_condition
from watchkeeper.detection.sigma.row import Row

KNOWN = {"servers": ("dc1", "file*"), "ports": ("80", "443"), "nobody": (), "many": tuple(map(str, range(200)))}


def holds(detection: dict[str, Any], value: str) -> bool:
    rule, _ = to_rule({"title": "T", "logsource": {"product": "x"}, "detection": {**detection, "condition": "s"}}, "f.yml", "f", KNOWN)
    return compile_condition(rule.condition)(Row({"F": value}))


@pytest.mark.parametrize(
    ("key", "value", "fires", "silent"),
    [
        ("F|expand", "%servers%", ["DC1", "files7"], ["dc2", "%servers%", "xfile"]),
        ("F|expand", "%servers%:%ports%", ["dc1:80", "file7:443"], ["dc1:81"]),
        ("F|contains|expand", "%servers%", ["\\\\dc1\\c$"], ["\\\\dc2\\c$"]),
        ("F|expand|endswith", ".%servers%", ["a.dc1"], ["a.dc2"]),
        ("F|contains|all|expand", ["%servers%", "%ports%"], ["80 dc1"], ["dc1", "80"]),
        ("F|re|expand", "^(?:%ports%)$", ["80", "443"], ["8080"]),
        ("F|cased|expand", "%servers%", ["dc1"], ["DC1"]),
        ("F|windash|expand", "-%ports%", ["-80"], ["80"]),
        ("F|expand", "%nobody%", [], ["", "nobody"]),
        ("F|expand", "100%", ["100%"], ["100"]),
    ],
)
def test_a_placeholder_stands_for_each_of_its_values(key: str, value: Any, fires: list[str], silent: list[str]) -> None:
    assert [one for one in fires if not holds({"s": {key: value}}, one)] == []
    assert [one for one in silent if holds({"s": {key: value}}, one)] == []


def test_without_expand_percent_signs_are_letters() -> None:
    assert holds({"s": {"F": "%servers%"}}, "%servers%")
    assert not holds({"s": {"F": "%servers%"}}, "dc1")


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("F|expand", "%unknown%", "the placeholder %unknown% has no values here; give them with --placeholders"),
        ("F|re|expand", "%unknown%", "a placeholder in the regular expression has no values here"),
        ("F|expand", "%many%%many%", "more than 10,000 variants"),
    ],
)
def test_what_has_no_values_or_too_many_is_refused(key: str, value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        holds({"s": {key: value}}, "x")


def test_filters_may_have_placeholders_too() -> None:
    content = {
        "title": "T",
        "logsource": {"product": "x"},
        "filter": {"rules": "any", "s": {"F|expand": "%servers%"}, "condition": "not s"},
    }
    condition = to_filter(content, KNOWN).condition
    assert not compile_condition(condition)(Row({"F": "dc1"}))
    assert compile_condition(condition)(Row({"F": "dc2"}))
