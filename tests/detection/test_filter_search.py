"""A proposed filter hides every event that a rule was wrong on and none that it was right on, as the engine reads it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.filter_search import MOST_FIELDS, Events, View, filter_text, read_filter, search, view
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.sigma import Rule, SigmaSource
from watchkeeper.detection.sigma.condition import AllOf, Atom, Present
from watchkeeper.detection.sigma.filters import filtered
from watchkeeper.detection.sigma.reference import compile_condition
from watchkeeper.detection.sigma.row import Row
from watchkeeper.model.logsource import LogSource

SYSMON = LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="1")
RULE = Rule(
    id="0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a99",
    title="A program starts",
    level="medium",
    source=SigmaSource("windows", "process_creation", ""),
    condition=AllOf((Atom("CommandLine", Present()), Atom("Image", Present()))),
    techniques=(),
    tactics=(),
    path="rule.yml",
)
values = st.sampled_from(["a", "A", "b", "c*", "c?d", "c:\\x\\*", "\\\\srv\\*?\\", "4688", "true", "null", "~", "- x", "é: 'ü'"])
views = st.fixed_dictionaries({"Image": values, "CommandLine": values}, optional={"User": values, "Company": values})


def hides(text: str, one: View) -> bool:
    return not compile_condition(filtered(RULE, [read_filter(text)]).condition)(Row(one))


@given(st.lists(views, min_size=1, max_size=6), st.lists(views, max_size=6), st.lists(views, max_size=6), st.lists(views, max_size=20))
def test_what_is_proposed_hides_all_that_was_wrong_and_nothing_that_was_right(
    false: list[View], true: list[View], unjudged: list[View], others: list[View]
) -> None:
    found = search(RULE, Events(false, true, unjudged, others), [SYSMON])
    if found is not None:
        assert 1 <= len(found) <= MOST_FIELDS
        text = filter_text(RULE, found, len(false), date(2025, 4, 1))
        assert all(hides(text, one) for one in false)
        assert not any(hides(text, one) for one in true)


def event(image: str, user: str, number: int, **more: str) -> View:
    return {"Image": image, "CommandLine": f"{image} {number}", "User": user, "ProcessId": str(number), **more}


OTHERS = [event(f"p{number % 4}.exe", f"user{number % 5}", 1000 + number) for number in range(40)]


def test_one_field_is_enough_where_it_tells_and_what_numbers_events_is_none() -> None:
    false = [event("backup.exe", "svc", number) for number in range(4)]
    true = [event("evil.exe", "ann", 10), event("evil.exe", "svc", 11)]
    assert search(RULE, Events(false, true, [], OTHERS), [SYSMON]) == {"Image": ("backup.exe",)}


def test_two_fields_are_asked_where_neither_tells_alone() -> None:
    false = [event("backup.exe", "svc", number) for number in range(4)]
    true = [event("backup.exe", "ann", 10), event("evil.exe", "svc", 11)]
    assert search(RULE, Events(false, true, [], OTHERS), [SYSMON]) == {"Image": ("backup.exe",), "User": ("svc",)}


def test_what_everybody_has_is_no_filter_though_nothing_was_ever_right() -> None:
    false = [event("p.exe", "svc", number, Company="Example") for number in range(4)]
    others = [{**one, "Company": "Example", "Image": "p.exe", "User": "svc"} for one in OTHERS]
    assert search(RULE, Events(false, [], [], others), [SYSMON]) is None


def test_of_what_would_do_the_one_is_taken_that_hides_least_of_what_nobody_judged() -> None:
    false = [event("backup.exe", "svc", number) for number in range(4)]
    unjudged = [event("backup.exe", "ann", 20 + number) for number in range(3)]
    assert search(RULE, Events(false, [], unjudged, OTHERS), [SYSMON]) == {"User": ("svc",)}


def test_nothing_is_proposed_where_nothing_tells_them_apart() -> None:
    same = [event("backup.exe", "svc", number) for number in range(4)]
    assert search(RULE, Events(same, same[:1], [], OTHERS), [SYSMON]) is None
    assert search(RULE, Events([], same, [], OTHERS), [SYSMON]) is None


def test_fields_are_called_as_the_rule_calls_them() -> None:
    audit = LogSource(product="windows", service="Security", event_type="4688")
    seen = view(RULE, audit, {"NewProcessName": "C:\\b.exe", "SubjectUserName": "ann", "x": ["a", "b"], "y": ""}, log_sources())
    assert seen["Image"] == "C:\\b.exe"
    assert {"NewProcessName", "x", "y"}.isdisjoint(seen)


def test_what_is_no_filter_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be used"):
        read_filter("title: x\n")
