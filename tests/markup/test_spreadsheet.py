"""No value of a log runs in a spreadsheet, and numbers stay numbers."""

from datetime import UTC, datetime

import pytest

from watchkeeper.markup.spreadsheet import cell


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "=cmd|' /C calc'!A0",
        " =1",
        "\u00a0=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "﹦1",
        "−1",
    ],
)
def test_a_text_that_would_run_is_prefixed(formula: str) -> None:
    assert cell(formula) == f"'{formula}"


@pytest.mark.parametrize(
    ("value", "quiet"),
    [
        ("a;=1", "a;'=1"),
        (";=1", ";'=1"),
        ("a; ＝1", "a; '＝1"),
        ('a;"=1', "a;\"'=1"),
        ("a\t-1", "a\t'-1"),
        ("a\n@b", "a\n'@b"),
        ("a-b=c;d", "a-b=c;d"),
    ],
)
def test_where_another_spreadsheet_would_begin_a_cell_nothing_runs_either(value: str, quiet: str) -> None:
    assert cell(value) == quiet


def test_what_is_no_text_stays_what_it_is() -> None:
    values = ["a", None, 7, -7, ["a", "b"], datetime(2026, 1, 2, tzinfo=UTC)]
    assert [cell(value) for value in values] == ["a", "", "7", "-7", '["a","b"]', "2026-01-02T00:00:00Z"]
