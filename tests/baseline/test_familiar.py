"""Familiarity counts hours, fades, and looks only back."""

from watchkeeper.baseline import HALF_LIFE_HOURS, Familiar, Sighting


def test_only_hours_before_the_moment_count() -> None:
    known = Familiar([Sighting(10, "a", "ws1"), Sighting(12, "a", "ws2"), Sighting(20, "a", "ws1")])
    known.advance(20)
    assert round(known.on_host("a", "ws1", 20), 1) == 1.0
    assert round(known.anywhere("a", 20), 1) == 2.0
    assert known.on_host("b", "ws1", 20) == 0.0


def test_an_hour_counts_once_however_often_and_wherever_it_was_seen() -> None:
    known = Familiar([Sighting(10, "a", "ws1"), Sighting(10, "a", "ws1"), Sighting(10, "a", "ws2")])
    known.advance(11)
    assert round(known.anywhere("a", 11), 1) == 1.0


def test_an_hour_counts_half_after_its_half_life() -> None:
    known = Familiar([Sighting(0, "a", "ws1")])
    known.advance(HALF_LIFE_HOURS)
    assert known.on_host("a", "ws1", HALF_LIFE_HOURS) == 0.5


def test_quiet_hours_were_watched_but_a_long_gap_was_not() -> None:
    known = Familiar([Sighting(0, "a", "ws1"), Sighting(10, "a", "ws1"), Sighting(10_000, "a", "ws1")])
    known.advance(11)
    assert 10 < known.observed(11) <= 11
    known.advance(10_001)
    assert known.observed(10_001) < 30
    assert known.host_hours("ws1", 10_001) == 10_001
    assert known.host_hours("ws9", 10_001) == 0
