import io
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.jsonstream import Record, decode, decode_text, records
from watchkeeper.ingest.lines import MAX_RECORD_BYTES, TOO_LONG
from watchkeeper.ingest.reader import Skipped

OBJECTS = st.lists(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    ),
    max_size=6,
)
WRITERS = {
    "lines": lambda objects: "\n".join(json.dumps(one) for one in objects),
    "array": json.dumps,
    "array, one a line": lambda objects: "[\n" + ",\n".join(json.dumps(one) for one in objects) + "\n]",
    "pretty": lambda objects: json.dumps(objects, indent=2),
    "pretty, concatenated": lambda objects: "\n".join(json.dumps(one, indent=4) for one in objects),
    "concatenated": lambda objects: "".join(json.dumps(one) for one in objects),
    "not escaped": lambda objects: "\n".join(json.dumps(one, ensure_ascii=False) for one in objects),
}


def _values(text: bytes, within: tuple[str, ...] = ()) -> list[object]:
    return [one.value if isinstance(one, Record) else one.reason for one in records(io.BytesIO(text), within=within)]


@pytest.mark.parametrize("written", WRITERS)
@given(objects=OBJECTS)
def test_every_layout_gives_the_same_objects(written: str, objects: list[dict[str, object]]) -> None:
    assert _values(WRITERS[written](objects).encode(errors="surrogatepass")) == objects


@given(objects=OBJECTS)
def test_records_are_found_within_their_envelope(objects: list[dict[str, object]]) -> None:
    text = json.dumps({"Records": objects, "next": "token"}).encode()
    assert _values(text, within=("Other", "Records")) == objects


@pytest.mark.parametrize("between", ["", "\n", " \n\n", "\n\n  "])
@pytest.mark.parametrize("indent", [None, 2])
@given(documents=st.lists(OBJECTS, min_size=1, max_size=4))
def test_documents_may_follow_one_another(between: str, indent: int | None, documents: list[list[dict[str, object]]]) -> None:
    written = (json.dumps({"Records": objects, "next": {"Records": "}"}}, indent=indent) for objects in documents)
    text = between.join(one.replace("{\n  ", "{ ", 1) for one in written).encode()
    assert _values(text, within=("Records",)) == [one for objects in documents for one in objects]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"Records":[\n{"a":1},\n{"a":2}\n]}\n{"Records":[\n{"a":3}]\n}\n', [{"a": 1}, {"a": 2}, {"a": 3}]),
        (b'\xef\xbb\xbf{"Records":[{"a":1}]}\n{"a":2}\n{ "Rec', [{"a": 1}, {"a": 2}, "not JSON"]),
        (b'{"Records":[{"a":1}],\n  "b": {\n{"a":2}\n', [{"a": 1}, {"a": 2}]),
        (b'{"Records":[]\n{"a":2}\n', [{"a": 2}]),
        (b'{"Records":["text"]}\n{"Records":[1,{"a":2}]}', ["not JSON", "not JSON", {"a": 2}]),
        (b'{"Records":[{"a":1},\n{"a": cut\n{"a":2}', [{"a": 1}, "not JSON", {"a": 2}]),
    ],
)
def test_what_stands_behind_a_document_is_not_lost(text: bytes, expected: list[object]) -> None:
    assert _values(text, within=("Records",)) == expected


def test_a_document_may_open_where_a_piece_ends() -> None:
    for length in range(262_100, 262_144):
        text = b'{"Records":[{"a":"' + b"x" * length + b'"}]}{"Records":[{"b":1}]}'
        assert _values(text, within=("Records",))[1:] == [{"b": 1}]


def test_quotes_that_nothing_closes_cost_no_time() -> None:
    begun = time.process_time()
    for start in (b'x"', b'{"Records":[]"', b'{"a'):
        found = _values(start + b'\\"' * 100_000 + b'{\n{"a":1}\n', within=("Records",))
        assert found[-1] == {"a": 1}
    assert time.process_time() - begun < 5


def test_raw_is_the_text_as_it_stands() -> None:
    text = b'[ {"b" : 1.50,\n "a":"\\u00e9"} ,{"c":2}]'
    found = [one for one in records(io.BytesIO(text)) if isinstance(one, Record)]
    assert [one.raw for one in found] == ['{"b" : 1.50,\n "a":"\\u00e9"}', '{"c":2}']
    assert found[0].value == {"b": "1.50", "a": "é"}


def test_a_broken_line_costs_that_line() -> None:
    assert _values(b'{"a":1}\n"text"\n[1]\n\n{"a": broken}\n{"a":2}\n') == [{"a": 1}, "not JSON", "not JSON", "not JSON", {"a": 2}]
    assert _values(b'{"a":1}\n{"a": cut\n{"a":2}\n{"a":3') == [{"a": 1}, "not JSON", {"a": 2}, "not JSON"]


def test_a_broken_first_line_does_not_swallow_the_rest() -> None:
    assert _values(b'{"a": {"b": \n{"a":1}\n{"a":2}\n') == ["not JSON", {"a": 1}, {"a": 2}]
    assert _values(b'{"a": "no end\n{"a":1}\n{"a":2}\n') == ["not JSON", {"a": 1}, {"a": 2}]


def test_a_broken_object_in_a_pretty_array_costs_itself() -> None:
    text = b'[\n  {\n    "a": {\n      "b": 1\n  },\n  {\n    "a": 2\n  },\n  {\n    "a": "cut\n  },\n  {\n    "a": 3\n  }\n]'
    assert _values(text) == ["not JSON", {"a": 2}, "not JSON", {"a": 3}]


def test_a_record_longer_than_the_bound_is_skipped_and_reading_goes_on() -> None:
    endless = b'{"a":"' + b"x" * (MAX_RECORD_BYTES + 10) + b'"}\n'
    assert _values(endless + b'{"a":1}\n') == [TOO_LONG.reason, {"a": 1}]
    assert _values(b'{"a":0}\n' + endless + b'{"a":1}\n') == [{"a": 0}, TOO_LONG.reason, {"a": 1}]


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_what_is_decoded_can_be_walked_and_written_again(opens: str, closes: str) -> None:
    for depth in (200, *range(250, 260), 600, *range(970, 1_000)):
        [found] = records(io.BytesIO(f'{{"a":{opens * depth}1{closes * depth}}}'.encode()))
        assert isinstance(found, Record) is (depth < 256), depth
    [flat] = records(io.BytesIO(b'{"a":' + json.dumps([[["{"]]] * 1_000).encode() + b"}"))
    assert isinstance(flat, Record)


def test_a_line_of_a_megabyte_is_one_record() -> None:
    assert _values(b'{"a":"' + b"x" * 1_000_000 + b'"}\n{"b":1}') == [{"a": "x" * 1_000_000}, {"b": 1}]


def test_nesting_without_end_is_refused() -> None:
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    assert _values(b'{"a":1}\n' + deep + b'\n{"a":2}') == [{"a": 1}, "JSON nested too deep", {"a": 2}]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a":123456789012345678901234567890}', 123456789012345678901234567890),
        (b'{"a":-1e400}', "-1e400"),
        (b'{"a":1,"a":2}', 2),
        (b'{"a":"x\x00y"}', "x\x00y"),
        (b'{"a":"\xff"}', "�"),
        (b'{"a":"\\ud800"}', "\ud800"),
        (b'{"a":NaN}', "NaN"),
    ],
)
def test_what_software_writes_though_json_forbids_it_is_let_through(text: bytes, value: object) -> None:
    found = decode(text)
    assert isinstance(found, Record)
    assert found.value == {"a": value}


def test_a_number_too_long_to_be_one_is_no_json() -> None:
    assert decode(b'{"a":' + b"9" * 5_000 + b"}") == Skipped("not JSON") or isinstance(decode(b'{"a":' + b"9" * 5_000 + b"}"), Record)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_give_records_or_reasons(text: bytes) -> None:
    for one in records(io.BytesIO(text), within=("Records",)):
        assert isinstance(one, (Record, Skipped))


@given(text=st.one_of(st.text(), st.text(alphabet='{}[]":,1.5eaNul\\\t '), st.builds('{{"a": "{}"}}'.format, st.text())))
def test_text_means_what_its_bytes_mean(text: str) -> None:
    encoded = text.encode(errors="replace")
    assert decode_text(encoded.decode()) == decode(encoded)
