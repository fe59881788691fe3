"""Years that are not written."""

from datetime import UTC, datetime

from watchkeeper.ingest.years import ANY_YEAR, Years, today

NOW = datetime(2027, 1, 5, 12, tzinfo=UTC)


def _settled(years: Years, *moments: tuple[int, int, int]) -> list[str]:
    """Settle (year or 0, month, day) one after another."""
    found = []
    for year, month, day in moments:
        fields: dict[str, str | list[str]] = {}
        moment = years.settle((datetime(year or ANY_YEAR, month, day, tzinfo=UTC), bool(year)), fields)
        found.append(f"{moment:%Y-%m-%d}{'?' if fields else ''}")
    return found


def test_without_evidence_the_year_is_the_latest_that_is_not_ahead_and_it_is_said() -> None:
    assert _settled(Years(NOW), (0, 12, 30), (0, 12, 31), (0, 1, 1), (0, 1, 5)) == [
        "2026-12-30?",
        "2026-12-31?",
        "2027-01-01?",
        "2027-01-05?",
    ]
    assert _settled(Years(NOW), (0, 1, 7)) == ["2026-01-07?"]
    assert _settled(Years(NOW), (0, 2, 29)) == ["2024-02-29?"]


def test_a_time_with_a_year_decides_for_those_around_it() -> None:
    assert _settled(Years(NOW, datetime(2020, 1, 1, tzinfo=UTC)), (0, 12, 31), (0, 1, 2)) == ["2019-12-31", "2020-01-02"]
    assert _settled(Years(NOW), (2020, 12, 31), (0, 1, 1), (0, 3, 1)) == ["2020-12-31", "2021-01-01", "2021-03-01"]


def test_neither_a_clock_that_runs_ahead_nor_one_that_is_behind_misleads_the_others() -> None:
    assert _settled(Years(NOW), (2040, 1, 1), (0, 1, 2)) == ["2040-01-01", "2027-01-02?"]
    assert _settled(Years(NOW), (2026, 5, 1), (1999, 5, 1), (0, 5, 2)) == ["2026-05-01", "1999-05-01", "2026-05-02"]


def test_no_year_is_ahead_of_now() -> None:
    assert _settled(Years(NOW, datetime(2026, 12, 31, tzinfo=UTC)), (0, 6, 1)) == ["2026-06-01"]


def test_today_is_aware() -> None:
    assert today().tzinfo is UTC


def test_lines_of_one_second_get_the_same_time_whatever_stands_between_them() -> None:
    years, moment = Years(NOW, datetime(2026, 12, 1, tzinfo=UTC)), datetime(ANY_YEAR, 12, 31, tzinfo=UTC)
    dated = datetime(2026, 12, 31, tzinfo=UTC)
    assert [years.settle((moment, False), {}) for _ in range(2)] == [dated, dated]
    assert years.settle((datetime(2026, 12, 31, 5, tzinfo=UTC), True), {}).hour == 5
    assert years.settle((moment, False), {}) == dated
