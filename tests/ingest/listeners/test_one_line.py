from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.jsonstream import Record, decode_text
from watchkeeper.ingest.listeners.one_line import encoded, lines_of, one_line


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b" ", b"{}", b"\xff"])).map(b"".join))
def test_no_line_is_blank_or_holds_an_end(body: bytes) -> None:
    lines = list(lines_of(body))
    assert all(line.strip() and not line.endswith(b"\r") and b"\n" not in line for line in lines)
    assert b"".join(body.split()) == b"".join(b"".join(lines).split())


def test_halves_of_characters_are_written_as_json_names_them() -> None:
    assert encoded({"a": "\ud800"}) == b'{"a": "\\ud800"}'
    assert encoded({"a": "\n"}) == b'{"a":"\\n"}'


def test_an_object_printed_over_lines_comes_on_one() -> None:
    record = decode_text('{\r\n  "a": "x\\ny",\n  "b": [1,\n 2]\n}')
    assert isinstance(record, Record)
    line = one_line(record)
    assert b"\n" not in line
    again = decode_text(line.decode())
    assert isinstance(again, Record)
    assert again.value == {"a": "x\ny", "b": [1, 2]}
