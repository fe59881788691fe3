"""Executors: who is alive is seen by counts and one's own clock."""

from pathlib import Path

import pytest

from watchkeeper.autopilot.durable.executors import Heart
from watchkeeper.store import open_store


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_whose_beats_stand_still_is_taken_over_from_once(place: Path | str) -> None:
    store, clock = open_store(place), Clock()
    one, two, three = (Heart(store, name, clock) for name in ("one", "two", "three"))
    for heart in (one, two, three):
        heart.begin()
    assert two.dead() == ()
    for _ in range(29):
        clock.now += 2
        two.beat()
        three.beat()
        assert (two.dead(), three.dead()) == ((), ())
    clock.now += 2
    two.beat()
    three.beat()
    assert two.dead() == ("one",)
    clock.now += 100
    two.beat()
    three.beat()
    assert (two.dead(), three.dead()) == ((), ())
    store.close()


def test_who_was_taken_over_from_ends_and_begins_anew(place: Path | str) -> None:
    store, clock = open_store(place), Clock()
    one, two = Heart(store, "one", clock), Heart(store, "two", clock)
    one.begin()
    two.begin()
    assert one.is_well
    assert two.dead() == ()
    clock.now += 61
    assert not one.is_well
    two.beat()
    assert two.dead() == ("one",)
    with pytest.raises(ValueError, match="begins anew"):
        one.beat()
    assert not one.is_well
    one.begin()
    assert one.is_well
    assert two.dead() == ()
    store.close()


def test_who_cannot_beat_changes_nothing_long_before_it_is_taken_over_from(tmp_path: Path) -> None:
    store, clock = open_store(tmp_path), Clock()
    heart = Heart(store, "one", clock)
    assert not heart.is_well
    heart.begin()
    clock.now += 19
    assert heart.is_well
    clock.now += 2
    assert not heart.is_well
    store.close()
