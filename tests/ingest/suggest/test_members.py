"""Members of records."""

from typing import Any

from watchkeeper.ingest.suggest.members import json_in, marks_of, record_times


def _rows(**more: Any) -> list[dict[str, Any]]:
    return [{"id": str(at), "badgeNumber": f"B{at}", "doorReader": "north", "when": f"2026-03-02T10:00:0{at}Z"} | more for at in range(9)]


def test_a_constant_that_says_whose_it_is_is_a_mark_and_pairs_of_members_are_others() -> None:
    assert marks_of(_rows(vendor="Badger (c)")) == [
        {"vendor": r"^Badger\s+\(c\)$", "badgeNumber": ""},
        {"badgeNumber": "", "doorReader": ""},
        {"when": "", "id": ""},
    ]
    assert {"badgeNumber": "", "doorReader": ""} in marks_of(_rows())
    assert all("north" not in str(mark) for mark in marks_of(_rows())), "where a reader hangs does not say whose record it is"


def test_records_of_several_kinds_have_a_mark_each() -> None:
    found = marks_of([{"doorOpened": "1", "by": "x"}, {"badgeLost": "1", "who": "y"}] * 5)
    assert {frozenset(mark) for mark in found} == {frozenset({"doorOpened", "by"}), frozenset({"badgeLost", "who"})}


def test_times_are_written_as_a_format_wants_them() -> None:
    assert record_times(_rows()) == [{"field": "when"}]
    assert record_times([{"ts": f"177244560{at}000"} for at in range(9)]) == [{"field": "ts", "unit": "ms"}]
    assert record_times([{"ts": f"02/Mar/2026:10:00:0{at} +0000"} for at in range(9)]) == [
        {"field": "ts", "format": "%d/%b/%Y:%H:%M:%S %z"}
    ]
    assert record_times([{"a": "x"}]) == []


def test_json_in_a_line_is_recognised_by_a_member() -> None:
    found = json_in(['{"badgeNumber": 1}'] * 3, _rows(), "")
    assert found.recognise == [{"message": r'^\s*\{.*"badgeNumber"\s*:'}]
    assert found.steps == [{"json": {}}]
