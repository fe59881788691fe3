"""Times as logs write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.log_times import iso, reads, traditional

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("iso", "2026-03-02T11:00:00+01:00"),
        ("iso", "2026-03-02 10:00:00,000"),
        ("epoch", "1772445600"),
        ("epoch", "1772445600.000"),
        ("epoch", "1772445600000"),
        ("epoch", "1772445600000000"),
        ("epoch", "1772445600000000000"),
        ("%d/%b/%Y:%H:%M:%S %z", "02/Mar/2026:11:00:00 +0100"),
    ],
)
def test_a_time_is_read_by_its_format(written: str, text: str) -> None:
    assert reads(written)(text) == (AT, True)


def test_a_time_without_a_year_says_so() -> None:
    assert reads("%b %d %H:%M:%S")("Feb 29 10:00:00") == (datetime(2000, 2, 29, 10, tzinfo=UTC), False)
    assert traditional("Feb", "29", "10:00:00.5", "") == (datetime(2000, 2, 29, 10, 0, 0, 500_000, UTC), False)
    assert traditional("Mar", " 2", "10:00:00", "2026") == (AT, True)


@pytest.mark.parametrize("written", ["iso", "epoch", "%Y-%m-%d %H:%M:%S"])
@given(text=st.text() | st.from_regex(r"[0-9.:TZ+-]{0,80}", fullmatch=True))
def test_what_is_no_time_is_none(written: str, text: str) -> None:
    found = reads(written)(text)
    assert found is None or found[0].tzinfo is not None


@given(month=st.text(max_size=4), day=st.text(max_size=3), clock=st.text(max_size=9), year=st.text(max_size=4))
def test_a_header_that_is_no_time_is_none(month: str, day: str, clock: str, year: str) -> None:
    assert traditional(month, day, clock, year) is None


def test_iso_takes_a_comma() -> None:
    assert iso("2026-03-02T10:00:00,5Z") == datetime(2026, 3, 2, 10, 0, 0, 500_000, UTC)


@pytest.mark.parametrize("written", ["", "%Y-%m-%d", "%H:%M", "epoch_s"])
def test_a_format_without_day_or_hour_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no format of a time"):
        reads(written)
