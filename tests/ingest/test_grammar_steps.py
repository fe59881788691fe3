"""What the steps of a grammar do to a message."""

import pytest

from watchkeeper.ingest.grammar import parse
from watchkeeper.ingest.grammar_steps import MAX_FIELDS, compiled, template, temporary
from watchkeeper.model.batch import Value

HEAD = "name: x\nproduct: p\nabout: a\ndocumentation: d\nrecognise: [{programs: [x]}]\n"
COPIED: tuple[dict[str, Value], str] = ({"b": ["1", "2"], "c": "3", "x": "1", "y": "3", "_z": "1"}, "")


def _run(steps: str, message: str, names: dict[str, str] | None = None) -> tuple[dict[str, Value], str]:
    fields: dict[str, Value] = {"message": message}
    event_type = ""
    for step in parse(HEAD + f"steps: {steps}", "x.yml").steps:
        event_type = compiled(step, names or {})(fields) or event_type
    return {name: value for name, value in fields.items() if name != "message"}, event_type


@pytest.mark.parametrize(
    ("steps", "message", "expected"),
    [
        ("[{patterns: [{match: 'a(?P<x>.)', event_type: A}, {match: '(?P<x>b)', fields: {y: z}}]}]", "ab", ({"x": "b"}, "A")),
        ("[{patterns: [{match: 'a(?P<x>.)', event_type: A}, {match: '(?P<x>b)', fields: {y: z}}]}]", "cb", ({"x": "b", "y": "z"}, "")),
        ("[{patterns: [{match: 'a'}, {match: 'b'}]}]", "c", ({}, "")),
        (
            "[{patterns: [{match: '^(?P<_rest>.*) end$'}]}, {of: _rest, pairs: {}}]",
            "a=1 b=2 end",
            ({"_rest": "a=1 b=2", "a": "1", "b": "2"}, ""),
        ),
        ("[{of: nothing, pairs: {}}, {of: nothing, columns: {}}, {of: nothing, patterns: [{match: a}]}]", "a=1", ({}, "")),
        ("[{pairs: {repeated: first}}]", "a=1 a=2 message=3", ({"a": "1", "message_": "3"}, "")),
        ("[{columns: {names: [a, _, c]}}]", '1,2,"x, y",4', ({"a": "1", "c": "x, y", "column_4": "4"}, "")),
        ("[{columns: {names: [a], type_column: 2, types: {T: [b, type, c]}}}]", "1,T,3", ({"b": "1", "type": "T", "c": "3"}, "T")),
        ("[{columns: {names: [a], type_column: 2, types: {T: [b, type, c]}}}]", "1,U", ({"a": "1", "column_2": "U"}, "")),
        ("[{columns: {names: [a], type_column: 9, types: {T: [b]}}}]", "1", ({"a": "1"}, "")),
        ("[{columns: {separator: '|', names: [a, b]}}]", '"|x', ({"a": "|x"}, "")),
        ("[{json: {}}]", 'prefix: {"a": {"b": 1}, "c": [true]}', ({"a.b": "1", "c": ["true"]}, "")),
        ("[{json: {}}]", "prefix: {broken", ({}, "")),
        ("[{json: {}}, {copy: {x: [a, b], y: [c], _z: [b], n: [d]}}]", '{"b": ["1", "2"], "c": 3}', COPIED),
        ("[{cef: {}}]", "no cef", ({}, "")),
        ("[{labels: {}}]", "(3)www(7)example(3)com(0)", ({"query": "www.example.com"}, "")),
        ("[{labels: {}}]", "(0)", ({}, "")),
        (
            "[{leef: {}}]",
            "LEEF:1.0|V|P|1|9|a=1",
            ({"leefVersion": "1.0", "Vendor": "V", "Product": "P", "Version": "1", "EventID": "9", "a": "1"}, ""),
        ),
    ],
)
def test_a_step_does(steps: str, message: str, expected: tuple[dict[str, Value], str]) -> None:
    assert _run(steps, message) == expected


def test_groups_get_the_names_they_cannot_have() -> None:
    assert _run("[{patterns: [{match: '(?P<c_ip>.+)'}]}]", "192.0.2.1", {"c_ip": "c-ip"}) == ({"c-ip": "192.0.2.1"}, "")


def test_fields_beyond_the_bound_are_counted() -> None:
    fields, _ = _run("[{pairs: {}}]", " ".join(f"k{number}=v" for number in range(MAX_FIELDS + 5)))
    assert (len(fields), fields["fields_left_out"]) == (MAX_FIELDS + 1, "5")
    fields, _ = _run("[{json: {}}]", "{" + ",".join(f'"k{number}":1' for number in range(5_000)) + "}")
    assert fields == {"fields_left_out": "all"}


def test_a_value_too_long_for_csv_is_split_plainly() -> None:
    fields, _ = _run("[{columns: {names: [a, b]}}]", '"' + "x" * 200_000 + '",2')
    assert fields["b"] == "2"


def test_templates_need_all_their_fields() -> None:
    assert template("{date}T{time}")({"date": "2026-03-02", "time": "10:00:00"}) == "2026-03-02T10:00:00"
    assert template("{date}T{time}")({"date": "2026-03-02"}) == ""
    assert template("{time}")({"time": ["a"]}) == ""
    assert template("{time}")({"time": "1"}) == "1"


def test_temporary_groups_are_named() -> None:
    steps = parse(HEAD + "steps: [{patterns: [{match: '(?P<_a>.)(?P<b>.)'}]}, {cef: {}}]", "x.yml").steps
    assert temporary(steps) == {"_a"}
