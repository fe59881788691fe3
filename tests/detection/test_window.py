"""Sliding windows by their answers: where bursts begin, how much they held, and that sums are exact."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.detection.measures import Hit
from watchkeeper.detection.sigma import Correlation
from watchkeeper.detection.sigma.condition import Operator
from watchkeeper.detection.sigma.rule import Bound
from watchkeeper.detection.window import MOST_TOLD, Found, Windows

SECOND = 1_000_000


def correlation(operator: Operator = "ge", number: float = 3, **more: Any) -> Correlation:
    said: dict[str, Any] = {"kind": "event_count", "bounds": (Bound(operator, number),), "value": ()}
    rest: dict[str, Any] = {"counted": (), "group": (), "generate": False, "techniques": (), "tactics": (), "path": ""}
    return Correlation(id="c", title="c", level="low", timespan=timedelta(seconds=10), **(said | rest | more))


def found(rule: Correlation, hits: Sequence[Hit]) -> Found:
    return Windows(rule).take(hits)


def bursts(rule: Correlation, seconds: Sequence[float], values: Sequence[str] = (), groups: str = "") -> list[tuple[int, float]]:
    hits = [
        Hit(place, round(second * SECOND), (groups[place : place + 1],), values[place] if values else "")
        for place, second in enumerate(seconds)
    ]
    return [(one.place, float(one.peak)) for one in found(rule, hits).crossings]


def test_a_burst_begins_with_the_event_that_crosses_and_is_told_once_with_its_peak() -> None:
    assert bursts(correlation(), [0, 1, 2, 3, 4, 50, 51, 52]) == [(2, 5), (7, 3)]


def test_the_beginning_of_a_window_is_left_out() -> None:
    assert bursts(correlation(), [0, 5, 10]) == []
    assert bursts(correlation(), [0.001, 5, 10]) == [(2, 3)]


def test_a_group_that_hovers_about_the_threshold_is_told_once_a_timespan() -> None:
    assert bursts(correlation(), [0, 4, 8, 12, 16, 20, 24, 28]) == [(2, 3)]
    assert bursts(correlation(), [0, 4, 8, 13, 15, 17, 40, 41, 42]) == [(2, 4), (8, 3)]


def test_groups_do_not_share_windows() -> None:
    assert bursts(correlation(), [0, 1, 2, 3, 4], groups="ababa") == [(4, 3)]


@pytest.mark.parametrize(("operator", "place"), [("gt", 3), ("ge", 2), ("eq", 2), ("lt", 0), ("le", 0), ("ne", 0)])
def test_the_condition_is_asked_after_each_event(operator: Operator, place: int) -> None:
    assert bursts(correlation(operator=operator), [0, 1, 2, 3])[0][0] == place


def test_different_values_are_counted_and_leave_again() -> None:
    rule = correlation(kind="value_count", value=("F",))
    assert bursts(rule, [0, 1, 2, 3, 4], ["a", "b", "a", "b", "c"]) == [(4, 3)]
    assert bursts(rule, [0, 1, 2, 11.5, 12], ["a", "b", "b", "c", "b"]) == []


def test_values_are_added_up_exactly() -> None:
    rule = correlation(kind="value_sum", value=("F",), operator="gt", number=0)
    assert bursts(rule, [0, 20, 40], ["0.1", "0.2", "-0.3"]) == [(0, 0.1), (1, 0.2)]
    assert bursts(correlation(kind="value_sum", number=10**20), [0, 1], [str(10**20 - 1), "1"]) == [(1, 1e20)]


def test_bounds_hold_together() -> None:
    rule = correlation(bounds=(Bound("ge", 2), Bound("le", 3)))
    assert bursts(rule, [0, 1, 2, 3, 4]) == [(1, 3)]
    assert found(rule, [Hit(place, place * SECOND, (), "") for place in range(5)]).holding == [1, 2]


def test_what_was_counted_is_told_within_bounds() -> None:
    hits = [Hit(place, place, (), "") for place in range(2 * MOST_TOLD)]
    assert found(correlation(number=2 * MOST_TOLD), hits).crossings[0].counted == tuple(range(MOST_TOLD))
    assert found(correlation(), hits).crossings[0].counted == (0, 1, 2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abcd")), max_size=40), st.sampled_from(["event_count", "value_count"]))
def test_windows_hold_what_counting_by_hand_finds(events: list[tuple[int, str]], kind: str) -> None:
    events = sorted(events)
    met: list[int] = []
    for place, (second, _) in enumerate(events):
        within = [value for other, value in events[: place + 1] if other > second - 10]
        if (len(within) if kind == "event_count" else len(set(within))) >= 3:
            met.append(place)
    told = bursts(correlation(kind=kind, value=("F",)), [second for second, _ in events], [value for _, value in events])
    assert [place for place, _ in told][:1] == met[:1]
    assert {place for place, _ in told} <= set(met)


@given(gaps=st.lists(st.floats(0, 12), min_size=1, max_size=30), cuts=st.sets(st.integers(0, 30)), resumed=st.booleans())
def test_hits_in_pieces_find_what_all_of_them_find(gaps: list[float], cuts: set[int], *, resumed: bool) -> None:
    rule, time, hits = correlation(), 0.0, list[Hit]()
    for place, gap in enumerate(gaps):
        time += gap
        hits.append(Hit(place, round(time * SECOND), ("ab"[place % 2],), ""))
    windows, places = Windows(rule), list[int]()
    for hit in hits:
        places += [one.place for one in windows.take([hit]).crossings]
        if hit.place in cuts:
            windows.forget(hit.time_us)
            if resumed:
                kept = [one for one in hits[: hit.place + 1] if one.time_us > hit.time_us - 10 * SECOND]
                begun, windows = list(windows.begun), Windows(rule)
                windows.resume(kept, begun)
    assert places == [one.place for one in found(rule, hits).crossings]
