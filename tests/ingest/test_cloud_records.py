"""Members that are JSON text."""

from watchkeeper.ingest.cloud_records import cloud_fields


def test_text_of_json_stays_and_is_opened_besides() -> None:
    fields = cloud_fields({"a": '{"b":{"c":1}}', "d": "[1,2", "e": "[3]", "a.b.c": "own"})
    assert fields["a"] == '{"b":{"c":1}}'
    assert fields["a.b.c"] == "own", "a field that is there is not overwritten"
    assert fields["d"] == "[1,2"
    assert fields["e"] == "[3]"


def test_arrays_of_objects_in_text_give_lists() -> None:
    assert cloud_fields({"t": '[{"n":"x"},{"n":"y","o":null}]'})["t.n"] == ["x", "y"]


def test_text_nested_too_deep_stays_text() -> None:
    assert list(cloud_fields({"a": "[" * 900 + "]" * 900, "b": '["' + "[" * 900 + '"]'})) == ["a", "b"]
