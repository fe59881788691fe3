"""What goes on without a pause is shown once, although nothing about it is new; what pauses at night is not."""

from types import SimpleNamespace

import pytest

from watchkeeper.correlation import Correlated


def beacons(story: SimpleNamespace, hours: range, host: str = "ws1", **more: object) -> list[dict[str, object]]:
    return [story.signal("lookup", 60 * hour + minute, host, **{"level": "low", **more}) for hour in hours for minute in range(60)]


def told(got: Correlated) -> list[tuple[str, str, bool]]:
    """Host, hours and whether it is shown."""
    return [
        (session.host, note.arguments["hours"], session.shown)
        for session in got.sessions
        for note in session.why
        if note.code == "session.steady"
    ]


def test_what_ran_before_anything_was_learnt_is_shown_once(story: SimpleNamespace) -> None:
    got = story.run([*story.everyday(6, 96), *beacons(story, range(96))])
    assert told(got) == [("ws1", "12", True)]


def test_it_is_said_again_after_a_week(story: SimpleNamespace) -> None:
    got = story.run([*story.everyday(2, 220), *beacons(story, range(220))])
    assert [hours for _, hours, _ in told(got)] == ["12", "180"]
    assert len({host for host, _, _ in told(got)}) == 1


@pytest.mark.parametrize("hours", [range(11), [hour for day in range(4) for hour in range(24 * day, 24 * day + 11)]])
def test_a_working_day_is_not_without_a_pause(story: SimpleNamespace, hours: range) -> None:
    assert told(story.run([*story.everyday(6, 96), *beacons(story, hours)])) == []


def test_what_is_informational_may_go_on(story: SimpleNamespace) -> None:
    assert told(story.run([*story.everyday(6, 96), *beacons(story, range(96), level="informational")])) == []
