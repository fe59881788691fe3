"""Windows events of Wazuh's agents: their names, one level of escaping, and what they add."""

import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.jsonstream import Json, Record, decode
from watchkeeper.ingest.windows_wazuh import from_wazuh, wazuh_event


def test_names_and_values_are_those_of_windows() -> None:
    fields = from_wazuh(
        {
            "system": {"eventID": "10", "channel": "Security", "processID": "4", "message": '"Accessed"'},
            "eventdata": {
                "targetProcessGUID": "{1}",
                "sourceImage": "C:\\\\a\\\\b.exe",
                "dSName": "corp",
                "threat Name": "x",
                "param1": "y",
            },
        }
    )
    assert fields == {
        "EventID": "10",
        "Channel": "Security",
        "Execution_ProcessID": "4",
        "Message": "Accessed",
        "TargetProcessGUID": "{1}",
        "SourceImage": "C:\\a\\b.exe",
        "DSName": "corp",
        "Threat Name": "x",
        "param1": "y",
    }


@pytest.mark.parametrize(
    ("written", "native"),
    [
        ('\\"C:\\\\x.exe\\" -a', '"C:\\x.exe" -a'),
        ("\\\\\\\\srv\\\\share", "\\\\srv\\share"),
        ("\\\\srv\\share", "\\\\srv\\share"),
        ("C:\\temp\\new", "C:\\temp\\new"),
        ("plain", "plain"),
    ],
)
def test_one_level_of_escaping_is_taken_back_where_the_whole_value_has_it(written: str, native: str) -> None:
    assert from_wazuh({"eventdata": {"commandLine": written}})["CommandLine"] == native


def test_data_never_overwrites_what_the_event_is() -> None:
    fields = from_wazuh({"eventdata": {"eventID": "1"}, "system": {"eventID": "4624", "channel": "Security"}})
    assert (fields["EventID"], fields["EventData_EventID"]) == ("4624", "1")


def test_an_event_is_found_bare_and_within_an_alert() -> None:
    event: Json = {"system": {"eventID": "1"}}
    assert wazuh_event({"win": event}) == event
    assert wazuh_event({"data": {"win": event}}) == event
    assert wazuh_event({"win": {"eventdata": {}}}) is None
    assert wazuh_event({"data": "win"}) is None


@given(st.text())
def test_what_is_escaped_once_comes_back(value: str) -> None:
    escaped = re.sub(r'([\\"])', r"\\\1", value)
    assert from_wazuh({"eventdata": {"x": escaped}})["X"] == value


def test_every_windows_line_of_the_public_set_names_event_and_channel(data: Path) -> None:
    with zipfile.ZipFile(data / "sources" / "wazuh-logs.zip") as archive:
        files = [archive.read(name) for name in archive.namelist() if name.endswith(".ini")]
    found = [decode(line) for text in files for line in re.findall(rb'^log \d+ \w+ = (\{"win":.*\})\s*$', text, re.MULTILINE)]
    assert len(found) > 100
    for record in found:
        assert isinstance(record, Record)
        event = wazuh_event(record.value)
        assert event is not None
        fields = from_wazuh(event)
        assert {"EventID", "Channel", "Provider_Name", "Computer"} <= fields.keys()
        assert not any(re.search(r"\w:\\\\\w", value) for name, value in fields.items() if name != "Message" and isinstance(value, str))
