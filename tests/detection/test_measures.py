"""Measures by their answers: what comes in and goes out again leaves nothing, ranks lie where they should, order is order."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import combinations
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.measures import Hit, Number, addend, measure
from watchkeeper.detection.sigma.condition import Atom, Condition, Negation, Present, all_of, any_of
from watchkeeper.detection.sigma.rule import Bound, Correlation, Counted

A, B, C = (Atom(name, Present()) for name in "abc")


def correlation(kind: str, **more: Any) -> Correlation:
    counted = tuple(Counted(name, (), ()) for name in "abc")
    rest: dict[str, Any] = {"group": (), "value": (), "generate": False, "techniques": (), "tactics": (), "path": "", "bounds": ()}
    return Correlation(id="c", title="c", level="low", kind=kind, counted=counted, timespan=timedelta(seconds=9), **(rest | more))  # pyright: ignore[reportArgumentType]


def after(rule: Correlation, values: Sequence[str], gone: int = 0, times: Sequence[int] = ()) -> tuple[Number, bool]:
    hits = [Hit(place, times[place] if times else place, (), value) for place, value in enumerate(values)]
    found = measure(rule)
    for hit in hits:
        found.add(hit)
    for hit in hits[:gone]:
        found.remove(hit)
    return found.number(), found.fits()


@pytest.mark.parametrize(
    ("text", "value"), [("12", 12), ("0x10", 16), ("1.5", 1.5), ("1e999", None), ("nan", None), ("", None), ("12 kB", None)]
)
def test_only_finite_numbers_are_measured(text: str, value: float | None) -> None:
    assert addend(text) == value


@pytest.mark.parametrize(
    ("kind", "values", "gone", "number"),
    [
        ("event_count", ["", "", ""], 1, 2),
        ("value_count", ["x", "y", "x"], 0, 2),
        ("value_count", ["x", "y", "y"], 1, 1),
        ("value_sum", ["0.1", "0.2", "5"], 1, Fraction(0.2) + 5),
        ("value_avg", ["9", "1", "2"], 1, Fraction(3, 2)),
        ("value_avg", ["9"], 1, 0),
        ("value_median", ["100", "5", "1", "2"], 1, 2),
        ("value_median", ["4", "1"], 0, Fraction(5, 2)),
        ("value_median", ["4"], 1, 0),
        ("temporal", ["0", "2", "2"], 0, 2),
        ("temporal", ["0", "2", "2"], 1, 1),
    ],
)
def test_what_a_window_comes_to(kind: str, values: list[str], gone: int, number: Number) -> None:
    assert after(correlation(kind), values, gone) == (number, True)


@pytest.mark.parametrize(("percentile", "number"), [(0, 1), (25, 2), (50, 3), (90, Fraction(23, 5)), (100, 5)])
def test_a_percentile_lies_between_the_values_beside_it(percentile: float, number: Number) -> None:
    assert after(correlation("value_percentile", percentile=percentile), ["5", "1", "4", "2", "3"])[0] == number


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30), st.integers(0, 10))
def test_the_median_is_the_median(values: list[int], gone: int) -> None:
    left = values[gone:]
    expected = median(map(Fraction, left)) if left else 0
    assert after(correlation("value_median"), [str(value) for value in values], min(gone, len(values)))[0] == expected


@pytest.mark.parametrize(
    ("wanted", "fired", "fits"),
    [
        (all_of([A, any_of([B, C])]), "02", True),
        (all_of([A, any_of([B, C])]), "12", False),
        (all_of([A, Negation(B)]), "02", True),
        (all_of([A, Negation(B)]), "021", False),
        (Negation(A), "1", True),
    ],
)
@pytest.mark.parametrize("kind", ["temporal", "temporal_ordered"])
def test_which_rules_must_fire_can_be_said(kind: str, wanted: Condition, fired: str, fits: bool) -> None:
    assert after(correlation(kind, wanted=wanted), fired)[1] is fits


@pytest.mark.parametrize(
    ("wanted", "fired", "fits"),
    [
        (all_of([A, B]), "01", True),
        (all_of([A, B]), "10", False),
        (all_of([A, B]), "101", True),
        (all_of([A, B, C]), "0212", True),
        (all_of([A, B, C]), "021", False),
        (all_of([A, any_of([B, C])]), "20", False),
        (all_of([any_of([A, B]), C]), "12", True),
    ],
)
def test_order_is_that_of_writing(wanted: Condition, fired: str, fits: bool) -> None:
    assert after(correlation("temporal_ordered", wanted=wanted), fired)[1] is fits


def test_at_one_time_any_order_is_as_good() -> None:
    assert after(correlation("temporal_ordered"), "210", times=[5, 5, 5])[0] == 3
    assert after(correlation("temporal_ordered"), "210")[0] == 1


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from("012")), min_size=1, max_size=9), st.integers(0, 4))
def test_the_longest_order_is_what_trying_all_finds(events: list[tuple[int, str]], gone: int) -> None:
    events = sorted(events, key=lambda event: event[0])
    gone = min(gone, len(events) - 1)
    left = events[gone:]
    longest = 0
    for size in (1, 2, 3):
        for rules in combinations("012", size):
            if any(
                [rule for _, rule in sorted(chosen)] == list(rules) or _in_time_order(chosen, rules) for chosen in combinations(left, size)
            ):
                longest = size
    fired, times = [rule for _, rule in events], [time for time, _ in events]
    assert after(correlation("temporal_ordered"), fired, gone, times)[0] == longest
    whole = correlation("temporal_ordered", bounds=(Bound("ge", 3),))
    assert after(whole, fired, gone, times)[0] == (3 if longest == 3 else 0)


def _in_time_order(chosen: Sequence[tuple[int, str]], rules: Sequence[str]) -> bool:
    times = {rule: time for time, rule in chosen}
    return sorted(times) == list(rules) and [times[rule] for rule in rules] == sorted(times.values())
