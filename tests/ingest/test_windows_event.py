import pytest

from watchkeeper.ingest.jsonstream import Json
from watchkeeper.ingest.windows_event import flat, logsource, one, text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x", "x"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (None, None),
        ([], None),
        ([1], "1"),
        ([1, "b", None], ["1", "b"]),
        ({"#text": 5}, "5"),
        ({}, None),
    ],
)
def test_values_become_text_as_written(value: Json, expected: object) -> None:
    assert text(value) == expected


def test_data_of_the_event_never_hides_what_the_event_is() -> None:
    event: dict[str, Json] = {"System": {"EventID": 104, "Level": 4}, "EventData": {"EventID": "7", "Level": "high"}}
    assert flat(event) == {"EventID": "104", "EventData_EventID": "7", "Level": "high"}


def test_named_and_unnamed_data_are_told_apart() -> None:
    event: dict[str, Json] = {
        "EventData": {"Data": [{"@Name": "A", "#text": "1"}, {"#attributes": {"Name": "B"}, "#text": 2}, "x", {"#text": "y"}]}
    }
    assert flat(event) == {"A": "1", "B": "2", "Data": ["x", "y"]}


def test_user_data_loses_its_envelope_however_deep() -> None:
    deep: Json = "x"
    for _ in range(200):
        deep = {"inner": deep}
    assert flat({"UserData": {"EventXML": {"#attributes": {"xmlns": "n"}, "Address": "10.0.0.1"}, "deep": deep}}) == {"Address": "10.0.0.1"}


def test_the_same_log_is_the_same_object() -> None:
    assert logsource("Security", "1") is logsource("Security", "1")
    assert logsource("Security", "1").product == "windows"


def test_one_value_is_taken_of_several() -> None:
    assert [one({"a": "x", "b": ["y", "z"]}, name) for name in "abc"] == ["x", "y", ""]
