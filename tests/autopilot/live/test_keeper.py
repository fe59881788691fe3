"""Incidents stand in the store soon, grow there under one id, and are the same wherever the keeper was stopped."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.autopilot.live.keeper import CURSOR, Keeper

Rows = list[dict[str, Any]]


def days(live: SimpleNamespace) -> Rows:
    """Three everyday days with an attack on either side of the end of the second."""
    rows = [*live.everyday(3, 24 * 3), *live.attack(2 * 1440 - 30)]
    return sorted(rows, key=lambda row: (row["time"], row["id"]))


def held(stage: Any) -> list[tuple[frozenset[tuple[str, int]], str]]:
    """Give the incidents that stand by themselves, without the names by which people know them."""
    return sorted(
        (frozenset((fold.id, fold.count) for fold in one.incident.folds), one.incident.title) for one in stage.incidents(shown=True)
    )


def test_an_incident_stands_in_the_store_at_the_next_tick_and_grows_under_one_id(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        seen: list[tuple[str, int, int]] = []
        for frame in stage.frames(days(live)):
            keeper.take(frame)
            stage.tick(keeper)
            seen += [(one.incident.id, len(one.incident.folds), one.revision) for one in stage.incidents() if "attack" in one.incident.title]
    assert len({id_ for id_, _, _ in seen}) == 1
    assert [folds for _, folds, _ in seen] == sorted(folds for _, folds, _ in seen)
    assert seen[-1][1] == 5
    assert seen[-1][2] > 1


@pytest.fixture(scope="module")
def whole(live: SimpleNamespace) -> list[tuple[frozenset[tuple[str, int]], str]]:
    """Give what one run without any stop comes to."""
    with live.stage() as stage:
        keeper = stage.keeper()
        for frame in stage.frames(days(live)):
            keeper.take(frame)
        keeper.save(live.start)
        return held(stage)


@settings(max_examples=8)
@given(ticks=st.sets(st.integers(0, 30)), kills=st.sets(st.integers(0, 30), max_size=4), each=st.sampled_from([17, 40, 130]))
def test_killed_at_any_moment_it_comes_to_the_same(
    live: SimpleNamespace, whole: list[tuple[frozenset[tuple[str, int]], str]], ticks: set[int], kills: set[int], each: int
) -> None:
    rows = days(live)
    with live.stage() as stage:
        frames = stage.frames(rows, each)
        keeper, at = stage.keeper(), 0
        left = set(kills)
        while at < len(frames):
            keeper.take(frames[at])
            if at in ticks:
                stage.tick(keeper)
            at += 1
            if at in left:  # all that was not saved is lost, and everything after the last save comes again
                left.remove(at)
                keeper = stage.keeper()
                at = 0
        keeper.save(live.start)
        got = held(stage)
    assert got == whole
