"""Flows find events of a stream as they find those of a case, and all events of an entity come newest first."""

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from watchkeeper.lake import EventTable, StoredEvents
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query

ANYTIME = (None, None)


@pytest.fixture
def stored(tmp_path: Path, events: SimpleNamespace) -> StoredEvents:
    table = EventTable(tmp_path)
    raw = {"_raw": json.dumps({"Image": r"C:\Temp\a.exe"}), "actor.user.name": "JDoe", "process.file.path": r"C:\Temp\a.exe"}
    table.append(events.stored(*({**raw, "_id": f"a{n}", "_host": f"ws{n}", "src_endpoint.ip": f"10.0.0.{n}"} for n in range(5))), "w", 1)
    zeek = {
        "_id": "z",
        "_row": 9,
        "_product": "zeek",
        "_service": "conn",
        "_fields": '{"id.orig_h":"10.0.0.2","tags":["a","b"]}',
        "dst_endpoint.ip": "10.0.0.2",
    }
    table.append(events.stored(zeek, {"_id": "n", "_time": None, "_fields": "{}"}, {"_id": "o", "_tenant": "other"}), "w", 2)
    hashed = {"_id": "h", "_time": events.BEGAN + timedelta(days=1), "file.hashes.value": ["aa", "bb"]}
    table.append(events.stored(hashed), "w", 3)
    return StoredEvents(tmp_path, "default", lambda _, text: json.loads(text))


def _ids(stored: StoredEvents, **asked: object) -> list[str]:
    return [event.id for event in stored.search(Query.model_validate(asked))]


def test_every_condition_narrows(stored: StoredEvents, events: SimpleNamespace) -> None:
    zeek = LogSource(product="zeek", service="conn", event_type="1")
    assert _ids(stored) == ["a0", "z", "a1", "a2", "a3", "a4", "h", "n"]
    assert _ids(stored, ids=("a3", "z", "none", "o")) == ["z", "a3"]
    assert _ids(stored, hosts=("ws2", "ws3")) == ["a2", "a3"]
    assert _ids(stored, start=events.BEGAN + timedelta(seconds=3)) == ["a3", "a4", "h"]
    assert _ids(stored, end=events.BEGAN) == ["a0", "z"]
    assert _ids(stored, logsources=(zeek,)) == ["z"]
    assert _ids(stored, without=("windows",)) == ["z"]
    assert _ids(stored, mentions=("10.0.0.2",)) == ["z"]
    assert _ids(stored, mentions=(r"c:\temp\A.exe",)) == ["a0", "a1", "a2", "a3", "a4"]
    assert _ids(stored, limit=2) == ["a0", "z"]


def test_native_fields_come_from_where_they_are(stored: StoredEvents) -> None:
    fields = {event.id: event.fields for event in stored.search(Query(ids=("a1", "z", "n")))}
    assert fields == {"a1": {"Image": r"C:\Temp\a.exe"}, "z": {"id.orig_h": "10.0.0.2", "tags": ("a", "b")}, "n": {}}
    batches = {batch.logsource.product: batch.table for batch in stored.batches(Query(ids=("a1", "z")))}
    assert batches["windows"].column("Image").to_pylist() == [r"C:\Temp\a.exe"]
    assert batches["zeek"].column("tags").to_pylist() == [["a", "b"]]


def test_days_are_counted_and_batches_come_in_any_order(stored: StoredEvents, events: SimpleNamespace) -> None:
    midnight = events.BEGAN.replace(hour=0, minute=0, second=0, microsecond=0)
    assert stored.days(events.BEGAN, events.BEGAN + timedelta(days=2)) == ((midnight, 6), (midnight + timedelta(days=1), 1))
    assert stored.days(events.BEGAN + timedelta(seconds=3), events.BEGAN + timedelta(seconds=4)) == ((midnight, 2),)
    assert stored.days(events.BEGAN - timedelta(days=2), events.BEGAN - timedelta(days=1)) == ()
    given = [id_ for batch in stored.batches(Query(start=midnight), ordered=False) for id_ in batch.table.column("_id").to_pylist()]
    assert sorted(given) == ["a0", "a1", "a2", "a3", "a4", "h", "z"]


@pytest.mark.parametrize(
    ("kind", "value", "ids"),
    [
        ("host", "WS3", ["a3"]),
        ("user", "JDoe", ["a4", "a3", "a2", "a1", "a0"]),
        ("address", "10.0.0.2", ["a2", "z"]),
        ("hash", "BB", ["h"]),
        ("file", r"C:\Temp\a.exe", ["a4", "a3", "a2", "a1", "a0"]),
        ("address", "' OR 1=1 --", []),
    ],
)
def test_all_events_of_an_entity_newest_first(stored: StoredEvents, kind, value: str, ids: list[str]) -> None:
    assert stored.timeline(kind, value, ANYTIME).column("_id").to_pylist() == ids


def test_a_timeline_has_a_span_and_a_limit(stored: StoredEvents, events: SimpleNamespace) -> None:
    span = (events.BEGAN + timedelta(seconds=1), events.BEGAN + timedelta(seconds=3))
    assert stored.timeline("user", "JDoe", span).column("_id").to_pylist() == ["a3", "a2", "a1"]
    assert stored.timeline("user", "JDoe", ANYTIME, 2).column("_id").to_pylist() == ["a4", "a3"]


def test_without_a_table_nothing_is_found(tmp_path: Path) -> None:
    empty = StoredEvents(tmp_path, "default", lambda _, text: json.loads(text))
    assert not list(empty.search(Query()))
    assert empty.timeline("host", "a", ANYTIME).num_rows == 0
    empty.close()
