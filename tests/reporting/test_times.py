"""Times are UTC, shares never pretend certainty."""

from datetime import UTC, datetime, timedelta, timezone

from watchkeeper.reporting.times import amount, clock, day, lasting, moment, percent


def test_times_are_utc_whatever_the_zone() -> None:
    east = datetime(2026, 3, 4, 8, 30, tzinfo=timezone(timedelta(hours=8)))
    assert (moment(east), clock(east), day(east)) == ("2026-03-04 00:30:00", "00:30:00", "2026-03-04")
    assert moment(datetime(2026, 3, 4, tzinfo=UTC)) == "2026-03-04 00:00:00"
    assert (moment(None), clock(None), day(None)) == ("–", "–", "–")


def test_lengths_are_said_in_two_units() -> None:
    assert lasting(timedelta(hours=2, minutes=14, seconds=9), "en") == "2 h 14 min"
    assert lasting(timedelta(days=3), "zh") == "3 天"
    assert lasting(timedelta(milliseconds=3), "en") == "< 1 s"


def test_amounts_and_shares() -> None:
    assert amount(1_234_567) == "1,234,567"
    assert [percent(share) for share in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["0%", "<1%", "50%", ">99%", "100%"]
