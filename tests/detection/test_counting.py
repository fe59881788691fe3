"""Counting by its answers: which event is told, what the signal says, and that batches and their order change nothing."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchkeeper.detection import Detector, RuleSet, counting, load_rules
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.signal import SIGNAL_SCHEMA

BASE = """title: Base
id: 11111111-2222-4333-8444-555555555555
name: base
logsource: {product: windows}
detection: {selection: {F: a}, condition: selection}
---
"""
MANY = """title: Many
id: 33333333-2222-4333-8444-555555555555
level: high
tags: [attack.discovery, attack.t1046]
correlation: {type: value_count, rules: [base], group-by: [User], timespan: 10s, condition: {gte: 3, field: T}}
"""
Batches = Callable[..., Batch]
Load = Callable[[str], RuleSet]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(text: str) -> RuleSet:
        (tmp_path / "rule.yml").write_text(text, "utf-8")
        ruleset = load_rules([tmp_path])
        assert ruleset.problems == ()
        return ruleset

    return load


def finished(ruleset: RuleSet, *batches: Batch) -> list[dict[str, Any]]:
    detector = Detector(ruleset)
    for one in batches:
        assert detector.signals(one).num_rows == 0
    table = detector.finish()
    assert table.schema == SIGNAL_SCHEMA
    assert detector.finish().num_rows == 0
    assert detector.problems == ()
    return table.to_pylist()


def test_the_crossing_event_says_whose_and_how_many(load: Load, batch: Batches) -> None:
    events = [{"F": "a", "User": r"LAB\Bob", "T": str(place), "SourceIp": f"10.0.0.{place + 1}"} for place in range(4)]
    (signal,) = finished(load(BASE + MANY), batch(events))
    assert (signal["row"], signal["event_id"], signal["host"], signal["user"]) == (2, f"{2:032x}", "ws1", r"lab\bob")
    assert (signal["title"], signal["level"], signal["techniques"], signal["tactics"]) == ("Many", "high", ["T1046"], ["discovery"])
    counted = [{"field": "counted event", "value": f"{place:032x}"} for place in range(3)]
    assert signal["matches"] == [{"field": "User", "value": r"LAB\Bob"}, {"field": "value_count(T)", "value": "4"}, *counted]
    assert {"kind": "address", "value": "10.0.0.3"} in signal["entities"]


def test_groups_and_values_are_compared_without_case_and_what_lacks_a_field_is_left_out(load: Load, batch: Batches) -> None:
    same = [{"F": "a", "User": "bob", "T": "x"}, {"F": "a", "User": "BOB", "T": "X"}, {"F": "a", "User": "bob"}, {"F": "a", "T": "z"}]
    assert finished(load(BASE + MANY), batch([*same, {"F": "a", "User": "Bob", "T": "y"}])) == []
    assert len(finished(load(BASE + MANY), batch([*same, {"F": "a", "User": "Bob", "T": ["y", "z"]}]))) == 1


def test_a_rule_counts_by_its_own_field_names(load: Load, batch: Batches) -> None:
    source = BASE.replace("{product: windows}", "{product: windows, category: process_creation}").replace("F: a", "Image: a")
    ruleset = load(source + MANY.replace("field: T", "field: CommandLine").replace("[User]", "[ParentImage]"))
    events = [{"NewProcessName": "a", "ParentProcessName": "p", "CommandLine": str(place)} for place in range(3)]
    (signal,) = finished(ruleset, batch(events, "windows", "Security", "4688"))
    assert signal["matches"][0] == {"field": "ParentImage", "value": "p"}


def test_aliases_join_events_of_several_rules_and_an_event_counts_once(load: Load, batch: Batches) -> None:
    other = BASE.replace("1111", "2222").replace("name: base", "name: other").replace("F: a", "G: b")
    joined = MANY.replace("value_count", "event_count").replace("rules: [base]", "rules: [base, other]").replace(", field: T", "")
    ruleset = load(BASE + other + joined.replace("[User]", "[who], aliases: {who: {base: U, other: V}}"))
    both: Mapping[str, str] = {"F": "a", "G": "b", "U": "bob", "V": "bob"}
    assert finished(ruleset, batch([both, both])) == []
    assert len(finished(ruleset, batch([both, {"F": "a", "U": "bob"}, {"G": "b", "V": "bob"}]))) == 1


def test_keywords_count_and_no_group_is_one_group(load: Load, batch: Batches) -> None:
    everything = MANY.replace("value_count", "event_count").replace("group-by: [User], ", "").replace(", field: T", "")
    ruleset = load(BASE.replace("{F: a}", "[needle]") + everything)
    (signal,) = finished(ruleset, batch([{"X": "a needle", "Y": str(place)} for place in range(3)]))
    assert signal["matches"][0] == {"field": "event_count", "value": "3"}


def test_sums_leave_out_what_is_no_number(load: Load, batch: Batches) -> None:
    ruleset = load(BASE + MANY.replace("value_count", "value_sum").replace("gte: 3", "gt: 3"))
    events = [{"F": "a", "User": "bob", "T": text} for text in ("2", "-", "1", "many", "2.25")]
    (signal,) = finished(ruleset, batch(events))
    assert (signal["row"], signal["matches"][1]) == (4, {"field": "value_sum(T)", "value": "5.25"})


def test_a_rule_that_generates_gives_its_own_signals_too(load: Load, batch: Batches) -> None:
    detector = Detector(load(BASE + MANY.replace("{type", "{generate: true, type")))
    assert detector.signals(batch([{"F": "a", "User": "bob", "T": str(place)} for place in range(3)])).num_rows == 3
    assert detector.finish().num_rows == 1


def test_what_is_not_counted_is_said(load: Load, batch: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MAX_HITS", 4)
    detector = Detector(load(BASE + MANY))
    timeless = batch([{"F": "a", "User": "bob", "T": "x"}] * 2)
    place = timeless.table.column_names.index("_time")
    times: Any = pa.nulls(2, RESERVED.field("_time").type)
    detector.signals(Batch(timeless.logsource, timeless.table.set_column(place, "_time", times)))
    detector.signals(batch([{"F": "a", "User": "bob", "T": str(place)} for place in range(7)]))
    over, without = detector.problems
    assert "33333333-2222-4333-8444-555555555555, 'Many': of the events to count it counted only the first 4 and left out 3" in over
    assert without.endswith("left out 2 without a time")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("uvw"), st.sampled_from("12345")), min_size=1, max_size=40),
    order=st.randoms(use_true_random=False),
    size=st.integers(1, 7),
)
def test_batches_and_their_order_change_nothing(
    load: Load, batch: Batches, events: Sequence[tuple[str, str, str]], order: Any, size: int
) -> None:
    ruleset = load(BASE + MANY)
    whole = batch([{"F": mark, "User": user, "T": value} for mark, user, value in events])
    parts = [Batch(whole.logsource, whole.table.slice(start, size)) for start in range(0, len(events), size)]
    order.shuffle(parts)
    assert finished(ruleset, *parts) == finished(ruleset, whole)


def test_what_several_detectors_counted_is_counted_together(load: Load, batch: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MAX_HITS", 5)
    ruleset = load(BASE + MANY)
    events = [{"F": "a", "User": "bob", "T": str(place)} for place in range(8)]
    one, several = Detector(ruleset), Detector(ruleset)
    for part in (events[:2], events[2:7], events[7:]):
        one.signals(batch(part))
        worker = Detector(ruleset)
        worker.signals(batch(part))
        several.take_over(worker.hand_over())
        assert worker.finish().num_rows == 0
    assert several.problems == one.problems != ()
    found = one.finish()
    assert found.num_rows == 1
    assert several.finish() == found


FAILED = """title: Failed
id: 11111111-2222-4333-8444-555555555555
name: failed
logsource: {product: windows}
detection: {selection: {F: fail}, condition: selection}
---
title: Succeeded
id: 22222222-2222-4333-8444-555555555555
name: succeeded
logsource: {product: windows}
detection: {selection: {F: success}, condition: selection}
---
"""
GUESSED = """title: Guessed
id: 33333333-2222-4333-8444-555555555555
name: guessed
correlation: {type: event_count, rules: [failed], group-by: [Computer], timespan: 20s, condition: {gte: 3}}
---
title: Got in
id: 44444444-2222-4333-8444-555555555555
level: critical
correlation: {type: temporal_ordered, rules: [guessed, succeeded], group-by: [User], timespan: 30s}
"""


def logons(*events: str) -> list[dict[str, str]]:
    """Give one event a second; `f` failed and `s` succeeded, then the user."""
    return [{"F": {"f": "fail", "s": "success", "-": "-"}[one[0]], "User": one[1:], "Computer": "ws1"} for one in events]


def test_correlations_count_what_other_correlations_find(load: Load, batch: Batches) -> None:
    ruleset = load(FAILED + GUESSED)
    (signal,) = finished(ruleset, batch(logons("fbob", "fbob", "fann", "fbob", "sbob", "scid")))
    assert (signal["row"], signal["title"], signal["level"]) == (4, "Got in", "critical")
    assert signal["matches"][:2] == [{"field": "User", "value": "bob"}, {"field": "temporal_ordered", "value": "2"}]
    assert [match["value"][-1] for match in signal["matches"][2:]] == ["3", "4"]
    assert finished(ruleset, batch(logons("sbob", "fbob", "fbob", "fbob"))) == []
    assert finished(ruleset, batch(logons("fbob", "fbob", "sbob"))) == []


def test_what_holds_for_long_is_still_joined_with_what_comes_late(load: Load, batch: Batches) -> None:
    events = logons(*["fbob"] * 60, "sbob")
    assert [signal["row"] for signal in finished(load(FAILED + GUESSED), batch(events))] == [60]


def test_a_counted_correlation_gives_signals_if_it_is_told_to(load: Load, batch: Batches) -> None:
    ruleset = load(FAILED + GUESSED.replace("{type: temporal", "{generate: true, type: temporal"))
    detector = Detector(ruleset)
    assert [one["title"] for one in detector.signals(batch(logons("fbob", "fbob", "fbob", "sbob"))).to_pylist()] == ["Succeeded"]
    assert [one["title"] for one in detector.finish().to_pylist()] == ["Guessed", "Got in"]


def test_bursts_are_counted_and_their_groups_are_fields(load: Load, batch: Batches) -> None:
    often = GUESSED.replace("timespan: 20s", "timespan: 3s").replace(
        "type: temporal_ordered, rules: [guessed, succeeded]", "type: event_count, rules: [guessed]"
    )
    ruleset = load(FAILED + often.replace("group-by: [User], timespan: 30s", "group-by: [Computer], timespan: 60s, condition: {eq: 2}"))
    burst = ["fbob"] * 5 + ["-"] * 5
    assert finished(ruleset, batch(logons(*burst))) == []
    (signal,) = finished(ruleset, batch(logons(*burst, *burst)))
    assert (signal["row"], signal["matches"][:2]) == (12, [{"field": "Computer", "value": "ws1"}, {"field": "event_count", "value": "2"}])


JOINED = """title: Joined
id: 33333333-2222-4333-8444-555555555555
correlation: {type: temporal, rules: [failed, succeeded], group-by: [User], timespan: 5s}
"""


@pytest.mark.parametrize(
    ("change", "events", "rows"),
    [
        ({}, ["fbob", "sbob"], [1]),
        ({}, ["sbob", "fBOB"], [1]),
        ({}, ["fbob", "sann"], []),
        ({}, ["fbob", "-", "-", "-", "-", "sbob"], []),
        ({}, ["fbob", "fbob"], []),
        ({"temporal": "temporal_ordered"}, ["fbob", "sbob"], [1]),
        ({"temporal": "temporal_ordered"}, ["sbob", "fbob"], []),
        ({"temporal": "temporal_ordered"}, ["sbob", "fbob", "sbob"], [2]),
        ({"5s}": "5s, condition: {gte: 1}}"}, ["fbob"], [0]),
        ({"5s}": "5s, condition: succeeded and not failed}"}, ["sbob"], [0]),
        ({"5s}": "5s, condition: succeeded and not failed}"}, ["fbob", "sbob"], []),
        ({"5s}": "5s, condition: failed or succeeded}", "rules: [failed, succeeded], ": ""}, ["sbob"], [0]),
        ({"rules: [failed, succeeded]": "rules: [22222222-2222-4333-8444-555555555555, failed]"}, ["fbob", "sbob"], [1]),
    ],
)
def test_rules_are_joined_in_time(load: Load, batch: Batches, change: Mapping[str, str], events: list[str], rows: list[int]) -> None:
    text = JOINED
    for old, new in change.items():
        text = text.replace(old, new)
    assert [signal["row"] for signal in finished(load(FAILED + text), batch(logons(*events)))] == rows


@pytest.mark.parametrize(
    ("kind", "condition", "values", "rows"),
    [
        ("value_avg", "gte: 5", ["1", "9"], [1]),
        ("value_avg", "gte: 5.01", ["1", "9"], []),
        ("value_median", "gt: 5", ["1", "9", "8"], [2]),
        ("value_median", "gt: 8", ["1", "9", "8"], []),
        ("value_percentile", "gte: 9, percentile: 100", ["1", "9"], [1]),
        ("value_percentile", "gte: 9, percentile: 50", ["1", "9"], []),
        ("value_sum", "gte: 5, lte: 6", ["4", "1", "9"], [1]),
        ("value_sum", "gte: 5, lte: 6", ["4", "9"], []),
        ("value_count", "neq: 1", ["a", "a", "b"], [2]),
        ("event_count", "gt: 1, lt: 3", ["", ""], [1]),
    ],
)
def test_numbers_are_measured_and_bounded(
    load: Load, batch: Batches, kind: str, condition: str, values: list[str], rows: list[int]
) -> None:
    ruleset = load(BASE + MANY.replace("value_count", kind).replace("gte: 3", condition))
    found = finished(ruleset, batch([{"F": "a", "User": "bob", "T": value} for value in values]))
    assert [signal["row"] for signal in found] == rows


def test_several_fields_count_as_one_value(load: Load, batch: Batches) -> None:
    ruleset = load(BASE + MANY.replace("field: T", "field: [T, S]"))
    one = {"F": "a", "User": "bob", "T": "x"}
    assert finished(ruleset, batch([{**one, "S": "x"}, {**one, "S": "y"}, {**one, "S": "Y"}])) == []
    assert len(finished(ruleset, batch([{**one, "S": "x"}, {**one, "S": "y"}, {**one, "S": "z"}]))) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(st.tuples(st.sampled_from("fs"), st.sampled_from(["bob", "ann"])), min_size=1, max_size=40),
    order=st.randoms(use_true_random=False),
    size=st.integers(1, 7),
)
def test_chains_do_not_depend_on_batches_either(
    load: Load, batch: Batches, events: Sequence[tuple[str, str]], order: Any, size: int
) -> None:
    ruleset = load(FAILED + GUESSED)
    whole = batch(logons(*map("".join, events)))
    parts = [Batch(whole.logsource, whole.table.slice(start, size)) for start in range(0, len(events), size)]
    order.shuffle(parts)
    assert finished(ruleset, *parts) == finished(ruleset, whole)


def test_a_correlation_that_finds_no_field_it_asks_for_is_told(load: Load, batch: Batches) -> None:
    detector = Detector(load(BASE + MANY))
    detector.signals(batch([{"F": "a", "T": "x"}] * 2))
    (problem,) = detector.problems
    assert problem.endswith("'Many': of the events to count it counted none: none of 2 has every field it asks for: User, T")
    other = Detector(load(BASE + MANY))
    other.take_over(detector.hand_over())
    assert (detector.problems, other.problems) == ((), (problem,))
    other.signals(batch([{"F": "a", "T": "x", "User": "bob"}]))
    assert other.problems == ()


def test_a_correlation_that_finds_no_field_in_what_another_found_is_told(load: Load, batch: Batches) -> None:
    detector = Detector(load(FAILED + GUESSED.replace("group-by: [User]", "group-by: [Nobody]")))
    detector.signals(batch(logons("fbob", "fbob", "fbob")))
    assert detector.problems == ()
    detector.finish()
    assert [problem.split("counted none: ")[1] for problem in detector.problems] == ["none of 1 has every field it asks for: Nobody"]


def test_chains_may_be_counted_in_another_process(load: Load, batch: Batches) -> None:
    ruleset = load(FAILED + GUESSED)
    first, second, alone = Detector(ruleset), Detector(ruleset), Detector(ruleset)
    whole = batch(logons("fbob", "fbob", "fbob", "sbob"))
    for detector, part in ((first, whole.table.slice(0, 2)), (second, whole.table.slice(2))):
        detector.signals(Batch(whole.logsource, part))
    first.take_over(second.hand_over())
    alone.signals(whole)
    assert first.finish().to_pylist() == alone.finish().to_pylist() != []
