"""How times are written."""

import pytest

from watchkeeper.ingest.suggest.times import time_format


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2026-03-02T10:00:00Z", "iso"),
        ("2026-03-02 10:00:00,125", "iso"),
        ("1772445600", "epoch"),
        ("1772445600.125", "epoch"),
        ("1772445600125", "epoch"),
        ("02/Mar/2026:10:00:00 +0000", "%d/%b/%Y:%H:%M:%S %z"),
        ("2026/03/02 10:00:00", "%Y/%m/%d %H:%M:%S"),
        ("Mon Mar 02 10:00:00.125 2026", "%a %b %d %H:%M:%S.%f %Y"),
        ("Mar 02 10:00:00", "%b %d %H:%M:%S"),
        ("17724456", ""),
        ("20260302", ""),
        ("2026-03-02", ""),
        ("door", ""),
    ],
)
def test_a_format_is_found(value: str, written: str) -> None:
    assert time_format([value] * 3) == written


def test_nearly_all_values_must_be_times_and_all_of_them_decide_what_is_the_day() -> None:
    assert time_format(["2026-03-02T10:00:00Z"] * 19 + ["-"]) == "iso"
    assert time_format(["2026-03-02T10:00:00Z"] * 9 + ["-"]) == ""
    assert time_format(["02/03/2026 10:00:00", "03/25/2026 10:00:00"]) == "%m/%d/%Y %H:%M:%S"
    assert time_format([]) == ""
