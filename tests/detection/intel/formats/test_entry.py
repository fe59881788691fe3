import io
from datetime import UTC, datetime

import pytest

from watchkeeper.detection.intel.formats import entry
from watchkeeper.detection.intel.formats.entry import moment, whole


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31 12:00:00 UTC", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T14:00:00+02:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("1769860800", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("yesterday", None), ("", None), ("99999999999999999999", None),
    ],
)  # fmt: skip
def test_times_are_read_as_feeds_write_them(text: str, time: datetime | None) -> None:
    assert moment(text) == time


def test_a_file_that_must_be_read_whole_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry, "MOST_BYTES", 3)
    assert whole(io.BytesIO(b"abc")) == b"abc"
    with pytest.raises(ValueError, match="split it"):
        whole(io.BytesIO(b"abcd"))
