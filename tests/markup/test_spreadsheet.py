"""No value of a log runs in a spreadsheet, and numbers stay numbers."""

from datetime import UTC, datetime

import pytest

from watchkeeper.markup.spreadsheet import cell


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_a_text_that_would_run_is_prefixed(formula: str) -> None:
    assert cell(formula) == f"'{formula}"


def test_what_is_no_text_stays_what_it_is() -> None:
    values = ["a", None, 7, -7, ["a", "b"], datetime(2026, 1, 2, tzinfo=UTC)]
    assert [cell(value) for value in values] == ["a", "", "7", "-7", '["a","b"]', "2026-01-02T00:00:00Z"]
