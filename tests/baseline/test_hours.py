"""A baseline is a set of hours: what is read twice, in parts or in any order teaches the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.baseline import KEPT_DAYS, Baseline, Sighting

sightings = st.lists(st.builds(Sighting, st.integers(480_000, 480_000 + 24 * 30), st.sampled_from("abc"), st.sampled_from(["ws1", "dc"])))


@given(sightings, sightings)
def test_parts_in_any_order_and_twice_teach_the_same(one: list[Sighting], other: list[Sighting]) -> None:
    whole = Baseline.empty().learn([*one, *other])
    assert whole.table.equals(Baseline.empty().learn(other).learn(one).learn(other).table)
    assert set(whole.sightings()) == {*one, *other}


@given(sightings)
def test_what_was_saved_comes_back(seen: list[Sighting]) -> None:
    learnt = Baseline.empty().learn(seen)
    assert Baseline.from_bytes(learnt.to_bytes()).table.equals(learnt.table)


def test_what_is_older_than_it_keeps_is_forgotten() -> None:
    old, new = Sighting(480_000, "a", "ws1"), Sighting(480_000 + 24 * (KEPT_DAYS + 1), "a", "ws1")
    assert set(Baseline.empty().learn([old]).learn([new]).sightings()) == {new}


def test_something_else_is_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match="not a saved baseline"):
        Baseline.from_bytes(b"something else")
