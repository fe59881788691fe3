"""Which chunks of CSV are beyond doubt, and looking ahead in a stream."""

import io

import pytest

from watchkeeper.ingest.csv_chunks import Ahead, table


@pytest.mark.parametrize(
    "chunk", [b"a,b\n", b'"a","b"\r\n', b'"a""b",","\n', b'"two\nlines",b', b'"","a\r\nb"\n', b'"""a""",b\n\n', b"\xff,b\n"]
)
def test_what_every_reader_takes_alike_becomes_a_table(chunk: bytes) -> None:
    found = table(chunk, ",", 2, [1])
    assert found is not None
    assert (found.num_rows, found.column_names) == (1, ["1"])


@pytest.mark.parametrize(
    "chunk",
    [
        b'a"b,c\n',
        b'"a"b,c\n',
        b'a,"b\n',
        b'a"",b\n',
        b'""a,b\n',
        b"a\rb,c\n",
        b"a,b\r",
        b"a\n",
        b"a,b,c\n",
        b"\xef\xbb\xbfa,b\n",
    ],
)
def test_what_is_doubtful_becomes_none(chunk: bytes) -> None:
    assert table(chunk, ",", 2, [0, 1]) is None


def test_empty_cells_are_null_and_bytes_that_are_no_text_are_replaced() -> None:
    found = table(b',""\n\xff,b\n', ",", 2, [0, 1])
    assert found is not None
    assert found.to_pydict() == {"0": [None, "�"], "1": [None, "b"]}


def test_a_look_takes_nothing_and_ends_with_a_record() -> None:
    ahead = Ahead(io.BytesIO(b'a,"b\nc"\nd,e\nf,g'), chunk_bytes=9)
    assert ahead.look() == b'a,"b\nc"\n'
    assert (ahead.position, ahead.readline(100)) == (0, b'a,"b\n')
    assert (ahead.position, ahead.look()) == (5, b"")
    assert ahead.readline(2) == b'c"'
    assert ahead.look() == b"\nd,e\nf,g"
    ahead.take(5)
    assert (ahead.readline(9), ahead.readline(9), ahead.is_over) == (b"f,g", b"", True)


def test_a_line_longer_than_a_chunk_is_taken_in_pieces() -> None:
    ahead = Ahead(io.BytesIO(b"x" * 30 + b"\ny"), chunk_bytes=8)
    assert ahead.look() == b""
    assert [ahead.readline(20), ahead.readline(20), ahead.readline(20), ahead.readline(20)] == [b"x" * 20, b"x" * 10 + b"\n", b"y", b""]
    assert ahead.position == 32
