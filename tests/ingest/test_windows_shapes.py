from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.flatten import MAX_FIELDS, TOO_MANY_FIELDS
from watchkeeper.ingest.jsonstream import Json
from watchkeeper.ingest.reader import Skipped
from watchkeeper.ingest.windows_shapes import NO_EVENT, Shaped, shaped

NATIVE = {
    "EventID": "4688",
    "Channel": "Security",
    "Computer": "DC01",
    "Provider_Name": "Microsoft-Windows-Security-Auditing",
    "CommandLine": "whoami",
}
PROVIDER = "Microsoft-Windows-Security-Auditing"
SHAPES: dict[str, dict[str, Json]] = {
    "flat": {"EventID": 4688, "Channel": "Security", "Hostname": "DC01", "SourceName": PROVIDER, "CommandLine": "whoami"},
    "winlogbeat": {
        "winlog": {
            "event_id": 4688,
            "channel": "Security",
            "computer_name": "DC01",
            "provider_name": PROVIDER,
            "event_data": {"CommandLine": "whoami"},
        }
    },
    "winlogbeat 6": {
        "event_id": 4688,
        "log_name": "Security",
        "computer_name": "DC01",
        "source_name": PROVIDER,
        "event_data": {"CommandLine": "whoami"},
    },
    "raw": {
        "Event": {
            "System": {"EventID": 4688, "Channel": "Security", "Computer": "DC01", "Provider": {"#attributes": {"Name": PROVIDER}}},
            "EventData": {"CommandLine": "whoami"},
        }
    },
    "elastic hit": {
        "_index": "i",
        "_source": {
            "event": {"code": "4688"},
            "winlog": {"channel": "Security", "computer_name": "DC01", "provider_name": PROVIDER},
            "process": {"command_line": "whoami"},
        },
    },
    "sentinel": {
        "TimeGenerated": "2024-03-05T08:15:01Z",
        "EventID": 4688,
        "Channel": "Security",
        "Computer": "DC01",
        "EventSourceName": PROVIDER,
        "EventData": '{"CommandLine": "whoami"}',
    },
    "wazuh": {
        "win": {
            "system": {"eventID": "4688", "channel": "Security", "computer": "DC01", "providerName": PROVIDER},
            "eventdata": {"commandLine": "whoami"},
        }
    },
    "no channel": {"EventID": 4688, "Computer": "DC01", "ProviderName": PROVIDER, "CommandLine": "whoami"},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_has_the_same_native_fields(shape: str) -> None:
    found = shaped(SHAPES[shape])
    assert isinstance(found, Shaped)
    assert {name: found.fields.get(name) for name in NATIVE} == NATIVE


def test_what_is_no_event_is_said() -> None:
    assert shaped({"greeting": "hello"}) is NO_EVENT


def test_a_record_of_endless_fields_is_refused() -> None:
    assert shaped({"EventID": 1, **{f"n{number}": "x" for number in range(MAX_FIELDS)}}) is TOO_MANY_FIELDS
    assert shaped({"EventID": 1, "nested": {f"n{number}": "x" for number in range(MAX_FIELDS + 1)}}) is TOO_MANY_FIELDS


def test_an_event_that_says_everything_in_its_message_has_it_as_data() -> None:
    found = shaped({"EventID": 800, "Channel": "Windows PowerShell", "Hostname": "a", "Message": "Pipeline"})
    assert isinstance(found, Shaped)
    assert found.fields["Data"] == "Pipeline"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "EventID",
        "Event",
        "System",
        "EventData",
        "UserData",
        "winlog",
        "event_data",
        "TimeGenerated",
        "Message",
        "Provider",
        "_source",
        "event",
        "process",
        "UtcTime",
    ]
)


@given(st.dictionaries(NAMES | st.text(max_size=4), JSON | st.dictionaries(NAMES, JSON, max_size=3), max_size=6))
def test_any_object_is_an_event_or_a_reason(record: dict[str, Any]) -> None:
    found = shaped(record)
    assert isinstance(found, Skipped) or all(
        isinstance(one, str) for value in found.fields.values() for one in ([value] if isinstance(value, str) else value)
    )
