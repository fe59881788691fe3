"""Logs whose header says what is in the lines."""

import io

import pytest

from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.ingest.w3c import w3c


def _read(text: str) -> list[Row | Skipped]:
    return list(w3c.rows(io.BytesIO(text.encode())))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"#Software: Microsoft Internet Information Services 10.0\n#Fields: date time\n", True),
        (b"\xef\xbb\xbf#Version: 1.0\n#Fields: date time\n", True),
        (b"DateTime,RequestId\n#Software: Microsoft Exchange Server\n#Fields: DateTime,RequestId\n", True),
        (b"#Software: x\n#Version: 1.0\n", False),
        (b"#separator \\x09\n#fields\tts\n", False),
        (b"a line\n#Fields: date time\n", False),
        (b"", False),
    ],
)
def test_only_a_header_is_recognised(head: bytes, expected: bool) -> None:
    assert w3c.sniff(head) is expected


@pytest.mark.parametrize(
    ("header", "source"),
    [
        ("#Software: Microsoft Internet Information Services 8.5\n#Fields: a b", ("iis", "w3c")),
        ("#Software: Microsoft HTTP API 2.0\n#Fields: a b", ("iis", "httperr")),
        (
            "#Software: Microsoft Exchange Server\n#Log-type: SMTP Receive Protocol Log\n#Fields: a,b",
            ("exchange", "SMTP Receive Protocol Log"),
        ),
        ("#Version: 1.0\n#Fields: a x-edge-location", ("aws", "cloudfront")),
        ("#Software: nobody knows\n#Fields: a b", ("w3c", "log")),
    ],
)
def test_the_header_says_which_product_it_is(header: str, source: tuple[str, str]) -> None:
    line = "1,2" if "a,b" in header else "1 2"
    [row] = _read(f"{header}\n{line}\n")
    assert isinstance(row, Row)
    assert (row.logsource.product, row.logsource.service) == source


def test_a_header_may_change_and_lines_that_do_not_fit_it_are_counted() -> None:
    before, first, short, second = _read("1 2\n#Fields: a b\n1 -\n1\n#Fields: c c\n3 4\n")
    assert [before, short] == [Skipped("line before the names of its fields"), Skipped("line with other columns than its header names")]
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.fields, second.fields) == ({"a": "1"}, {"c": "3", "c_": "4"})


def test_a_quote_that_is_never_closed_quotes_nothing_and_a_long_value_is_whole() -> None:
    long = "x" * 200_000
    open_quote, closed = _read(f'#Fields: a b\n"{long} 1\n"{long} {long}" 1\n')
    assert isinstance(open_quote, Row)
    assert open_quote.fields == {"a": f'"{long}', "b": "1"}
    assert isinstance(closed, Row)
    assert closed.fields == {"a": f"{long} {long}", "b": "1"}


def test_a_line_before_any_header_is_counted_unless_it_is_the_names_once_more() -> None:
    assert _read("DateTime,RequestId\nno digit in it\n") == [Skipped("line before the names of its fields")]
