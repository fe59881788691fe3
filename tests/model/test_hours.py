"""Hours of a week: over midnight, over the change of the clock, and by the day on which they begin."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.hours import Hours

WEDNESDAY = datetime(2026, 3, 4, tzinfo=UTC)


def _hours(**said: Any) -> Hours:
    return Hours.model_validate(said)


@pytest.mark.parametrize(
    ("hour", "end"),
    [(21, None), (22, 31), (24, 31), (30, 31), (31, None)],
)
def test_nights_end_in_the_morning(hour: int, end: int | None) -> None:
    night = _hours(starts="22:00", ends="07:00")
    found = night.end_of(WEDNESDAY + timedelta(hours=hour))
    assert found == (None if end is None else WEDNESDAY + timedelta(hours=end))


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday = _hours(days=["fri"], starts="22:00", ends="07:00")
    assert friday.covers(datetime(2026, 3, 7, 6, tzinfo=UTC))  # a Saturday
    assert not friday.covers(datetime(2026, 3, 6, 6, tzinfo=UTC))


def test_whole_days_that_follow_each_other_end_after_the_last() -> None:
    weekend = _hours(days=["sat", "sun"])
    assert weekend.end_of(datetime(2026, 3, 7, 9, tzinfo=UTC)) == datetime(2026, 3, 9, tzinfo=UTC)
    assert weekend.end_of(datetime(2026, 3, 6, 9, tzinfo=UTC)) is None


def test_hours_without_end_are_a_week_at_most() -> None:
    end = _hours().end_of(WEDNESDAY)
    assert end is not None
    assert end - WEDNESDAY <= timedelta(days=8)


def test_local_time_with_summer_time() -> None:
    night = _hours(starts="22:00", ends="07:00", zone="Europe/Berlin")
    assert night.end_of(datetime(2026, 3, 28, 22, tzinfo=UTC)) == datetime(2026, 3, 29, 5, tzinfo=UTC)  # the clock goes forward
    assert night.end_of(datetime(2026, 3, 27, 22, tzinfo=UTC)) == datetime(2026, 3, 28, 6, tzinfo=UTC)
    assert _hours(starts="09:00", ends="18:00", zone="Asia/Shanghai").covers(datetime(2026, 3, 4, 1, tzinfo=UTC))


def test_a_time_that_yaml_takes_for_a_number_is_a_time() -> None:
    said = yaml.safe_load("starts: 22:30\nends: 07:00")
    assert said["starts"] == 22 * 60 + 30
    assert _hours(**said).starts == "22:30"


@pytest.mark.parametrize(
    "said", [{"zone": "Mars/Base"}, {"zone": "../etc/passwd"}, {"starts": "25:00"}, {"starts": 1_440}, {"days": []}, {"days": ["noday"]}]
)
def test_what_is_no_time_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Hours"):
        _hours(**said)


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 -- made aware below
    starts=st.times(), ends=st.times(), zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai", "America/St_Johns"]),
)  # fmt: skip
def test_the_end_is_later_and_outside(now: datetime, starts: Any, ends: Any, zone: str) -> None:
    hours = _hours(days=["mon", "wed", "sat"], starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}", zone=zone)
    moment = now.replace(tzinfo=UTC)
    end = hours.end_of(moment)
    assert (end is not None) == hours.covers(moment)
    if end is not None:
        assert end > moment
        assert not hours.covers(end)
