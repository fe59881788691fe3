from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.clock import WINDOW_ROWS, Timed, at_once, in_utc
from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.model.logsource import LogSource

LOG = LogSource(product="windows")
NOON = datetime(2024, 3, 5, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _timed(local: datetime, utc: datetime | None = None, host: str = "a") -> Timed:
    return Timed(LOG, host, {}, "raw", local, local, utc)


def _times(found: Iterable[Row | Timed | Skipped]) -> list[datetime | None]:
    return [row.time for row in in_utc(iter(found)) if isinstance(row, Row)]


def test_without_a_second_clock_the_time_stands_as_claimed() -> None:
    assert _times([_timed(NOON), _timed(NOON + SECOND)]) == [NOON, NOON + SECOND]


@given(quarters=st.integers(-4 * 26, 4 * 26), lag=st.integers(0, 4), apart=st.lists(st.integers(0, 3_000), min_size=2, max_size=20))
def test_events_with_one_clock_follow_those_with_two(quarters: int, lag: int, apart: list[int]) -> None:
    offset = timedelta(minutes=15 * quarters)
    both = [_timed(NOON + timedelta(seconds=one), NOON + timedelta(seconds=one - lag) + offset) for one in apart]
    alone = [_timed(NOON + timedelta(seconds=one)) for one in apart]
    assert _times([*alone, *both]) == [one.local + offset for one in alone] + [one.utc for one in both]


def test_each_host_has_its_own_clock_and_a_silent_one_takes_the_others() -> None:
    hour = timedelta(hours=1)
    rows = [
        _timed(NOON, NOON - hour, "a"),
        _timed(NOON, NOON - 2 * hour, "b"),
        _timed(NOON, NOON - hour, "a"),
        *(_timed(NOON, host=host) for host in "abc"),
    ]
    assert _times(rows)[3:] == [NOON - hour, NOON - 2 * hour, NOON - hour]


def test_a_second_clock_that_runs_days_late_is_not_believed() -> None:
    hour = timedelta(hours=7)
    rows = [_timed(NOON + number * SECOND, NOON + number * SECOND + hour) for number in range(5)]
    assert _times([_timed(NOON, NOON - timedelta(days=5, seconds=77)), *rows])[0] == NOON + hour


def test_a_twelve_hour_dial_changes_the_offset_within_one_file() -> None:
    morning, evening = NOON - timedelta(hours=1), NOON - timedelta(hours=11)
    rows = [
        _timed(morning, morning + timedelta(hours=7)),
        _timed(evening, evening + timedelta(hours=19)),
        _timed(morning + SECOND),
        _timed(evening + SECOND),
    ]
    assert _times(rows)[2:] == [morning + SECOND + timedelta(hours=7), evening + SECOND + timedelta(hours=19)]


def test_order_and_losses_are_kept_and_what_is_held_is_bounded() -> None:
    taken = 0

    def found() -> Iterator[Row | Timed | Skipped]:
        nonlocal taken
        for number in range(WINDOW_ROWS + 10):
            taken += 1
            yield Skipped("x") if number == 3 else _timed(NOON + number * SECOND)

    given_out = in_utc(found())
    next(given_out)
    assert taken <= WINDOW_ROWS + 1
    rest = list(given_out)
    assert rest[2] == Skipped("x")
    assert len(rest) == WINDOW_ROWS + 9


def test_what_was_held_is_given_before_the_damage_is_reported() -> None:
    def found() -> Iterator[Timed]:
        yield _timed(NOON)
        raise ValueError("cut off")

    given_out = in_utc(found())
    row = next(given_out)
    assert isinstance(row, Row)
    assert row.time == NOON
    with pytest.raises(ValueError, match="cut off"):
        next(given_out)


def test_a_row_alone_takes_its_second_clock_or_its_word() -> None:
    for found, time in ((_timed(NOON), NOON), (_timed(NOON, NOON + SECOND), NOON + SECOND)):
        row = at_once(found)
        assert isinstance(row, Row)
        assert row.time == time
    assert at_once(Skipped("x")) == Skipped("x")
