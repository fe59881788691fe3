"""Records straight to fields: as `windows_shapes` gives them, or not at all."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.evtx_record import straight
from watchkeeper.ingest.jsonstream import Record, decode_text
from watchkeeper.ingest.windows_event import one
from watchkeeper.ingest.windows_shapes import Shaped, shaped

SYSTEM: dict[str, Any] = {
    "Provider": {"#attributes": {"Name": "Service Control Manager", "Guid": "{555908D1}", "EventSourceName": "SCM"}},
    "EventID": {"#attributes": {"Qualifiers": 16384}, "#text": 7045},
    "Version": 0,
    "Level": "4",
    "Task": 0,
    "Opcode": 0,
    "Keywords": "0x8080000000000000",
    "TimeCreated": {"#attributes": {"SystemTime": "2024-03-05T08:15:00.123456Z"}},
    "EventRecordID": 12,
    "Correlation": {"#attributes": {"ActivityID": "{A}"}},
    "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": "8"}},
    "Channel": "System",
    "Computer": "dc01.example.org",
    "Security": {"#attributes": {"UserID": "S-1-5-18"}},
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.text(st.characters(codec=None), max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("#text", "#attributes", "Data", "Name", "X")), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from((*SYSTEM, "Data", "X", "TimeCreated_SystemTime", "#attributes", "#text", "SystemTime", "UserID"))


def _record(**parts: Any) -> dict[str, Any]:
    return {"Event": {"#attributes": {"xmlns": "http://schemas.microsoft.com/win/2004/08/events/event"}, "System": SYSTEM, **parts}}


def _long_way(raw: str) -> Shaped | None:
    record = decode_text(raw)
    found = shaped(record.value) if isinstance(record, Record) else None
    return found if isinstance(found, Shaped) else None


def _same(raw: str) -> bool:
    """Say whether it was read straight; fail if it was read otherwise than the long way."""
    found = straight(raw)
    if found is None:
        return False
    known = _long_way(raw)
    assert known is not None
    assert found.fields == known.fields
    named = tuple(one(known.fields, name) for name in ("Channel", "EventID", "Computer"))
    assert (found.time, found.channel, found.event_id, found.computer) == (known.time, *named)
    return True


@pytest.mark.parametrize(
    "parts",
    [
        {"EventData": {"ServiceName": "x", "Start": 2, "Flag": True, "Data": {"#text": ["a", "b"]}, "Share": 1.50, "No": None}},
        {"EventData": None},
        {"UserData": {"LogFileCleared": {"#attributes": {"xmlns": "x"}, "SubjectUserName": "u", "Channel": "Application"}}},
        {"EventData": {"Channel": "other", "TimeCreated_SystemTime": "2020-01-01T00:00:00Z"}},
        {"System": SYSTEM | {"EventID": 1, "Correlation": None, "Execution": None, "Security": None}},
        {"System": {name: value for name, value in SYSTEM.items() if name not in ("Version", "Opcode", "Execution")}},
    ],
)
def test_what_the_parser_writes_is_read_straight(parts: dict[str, Any]) -> None:
    assert _same(json.dumps(_record(**parts)))


@pytest.mark.parametrize(
    "parts",
    [
        {"System": SYSTEM | {"Channel": None}},
        {"System": SYSTEM | {"Version": True}},
        {"System": SYSTEM | {"Another": "x"}},
        {"System": SYSTEM | {"TimeCreated": {"#attributes": {"SystemTime": "yesterday"}}}},
        {"EventData": "text"},
        {"ProcessingErrorData": {"ErrorCode": 15005}},
        {"EventData": {"TimeCreated_SystemTime": ["2020-01-01T00:00:00Z", "x"]}},
        {"EventData": {str(number): "x" for number in range(4_100)}},
    ],
)
def test_anything_else_is_left_to_the_long_way(parts: dict[str, Any]) -> None:
    assert straight(json.dumps(_record(**parts))) is None


@pytest.mark.parametrize("raw", ["", "{", "[]", '{"Event": ' * 3_000, json.dumps(_record()) + "x", '{"Event": "\ud800"}'])
def test_what_is_no_record_is_left_too(raw: str) -> None:
    assert straight(raw) is None


@given(
    st.dictionaries(NAMES, ANYTHING, max_size=2),
    st.dictionaries(NAMES, ANYTHING, max_size=3),
    st.dictionaries(NAMES | st.text(max_size=3), ANYTHING, max_size=4),
    st.sampled_from(("EventData", "UserData", "Event", "System")),
)
def test_whatever_stands_in_a_record_both_ways_read_it_alike(
    system: dict[str, Any], attributes: dict[str, Any], data: dict[str, Any], part: str
) -> None:
    mended = SYSTEM | system | {name: {"#attributes": {name: value}} for name, value in attributes.items()}
    _same(json.dumps(_record(System=mended, **({} if part == "System" else {part: data}))))
