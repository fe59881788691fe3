"""Times as logs write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.timestamps import from_epoch, from_iso


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T09:00:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T10:00:00.123456+0100", datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-02T09:00:00.1234567Z", datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-02T09:00:00.5Z", datetime(2026, 3, 2, 9, 0, 0, 500000, tzinfo=UTC)),
        ("2026-03-02 09:00:00.25", datetime(2026, 3, 2, 9, 0, 0, 250000, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_iso_times_are_utc(text: str, expected: datetime | None) -> None:
    assert from_iso(text) == expected


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e300", "x", "", "1_0_0x"])
def test_what_is_no_number_of_seconds_is_no_time(text: str) -> None:
    assert from_epoch(text) is None


def test_units_of_epochs() -> None:
    assert from_epoch("1772442000.25") == from_epoch("1772442000250", per_second=1_000) == datetime(2026, 3, 2, 9, 0, 0, 250000, tzinfo=UTC)


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    for moment in (from_iso(text), from_epoch(text)):
        assert moment is None or moment.tzinfo is UTC
