"""Rows of records whose format is known."""

from watchkeeper.ingest.alert_mapping import TimeField
from watchkeeper.ingest.jsonstream import Json, Record
from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.ingest.record_format import RecordFormat
from watchkeeper.ingest.record_rows import MAX_EVENTS, MAX_EXPANDED_CHARS, UNKNOWN, record_rows


def _rows(value: dict[str, Json], *, items: str = "", pairs: tuple[str, ...] = ()) -> list[object]:
    known = RecordFormat(
        name="x", about="", product="x", service="audit", marks=[{"a": ""}], time=[TimeField(field="t")],
        host=["h.one", "h.two"], items=items, pairs=list(pairs),
    )  # fmt: skip
    return list(record_rows(known)(Record(value, "raw")))


def test_a_record_is_one_row() -> None:
    [row] = _rows({"t": "2026-03-02T09:00:00Z", "h": {"two": "PC01"}, "a": {"b": [1, True, None]}})
    assert isinstance(row, Row)
    assert (row.host, row.raw, row.fields["a.b"]) == ("PC01", "raw", ["1", "true"])
    assert row.time is not None


def test_each_event_within_a_record_is_a_row_with_what_they_share() -> None:
    first, second, odd = _rows({"a": "x", "events": [{"n": 1}, {"n": 2, "a": "its own"}, "odd"]}, items="events")
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.fields, second.fields) == ({"a": "x", "n": "1"}, {"a": "its own", "n": "2"})
    assert odd is UNKNOWN


def test_pairs_give_their_values_names_also_through_lists() -> None:
    [row] = _rows({"a": [{"p": [{"name": "X", "value": "1"}, {"name": "Y", "multiValue": ["2", "3"]}, {"name": "Z"}, 7]}]}, pairs=("a.p",))
    assert isinstance(row, Row)
    assert {name: value for name, value in row.fields.items() if name.startswith("a.p.") and name[4:].isupper()} == {
        "a.p.X": "1",
        "a.p.Y": ["2", "3"],
    }


def test_what_events_share_is_not_repeated_without_bound() -> None:
    shared: Json = "x" * 100_000
    found = _rows({"a": shared, "events": [{}] * (MAX_EXPANDED_CHARS // 100_000 + 1)}, items="events")
    assert len(found) == MAX_EXPANDED_CHARS // 100_000 + 1
    assert {one.reason for one in found if isinstance(one, Skipped)} == {"event of a record that would repeat too much in each"}
    assert not any(isinstance(one, Row) for one in found)


def test_events_beyond_the_most_are_counted() -> None:
    found = _rows({"a": "x", "events": [{}] * (MAX_EVENTS + 3)}, items="events")
    assert sum(isinstance(one, Skipped) for one in found) == 3
    assert len(found) == MAX_EVENTS + 3
