"""What a record of CSV is, also where quotes go wrong."""

import io

import pytest

from watchkeeper.ingest.csv_records import RAGGED, joined, records
from watchkeeper.ingest.lines import MAX_RECORD_BYTES
from watchkeeper.ingest.reader import Skipped


def _read(text: bytes, width: int = 2) -> list[list[str] | Skipped]:
    return list(records(io.BytesIO(text), ",", width, lambda: False))


def test_records_may_go_on_over_lines_and_blank_lines_are_none() -> None:
    assert _read(b'a,"b\nc"\n\nd,e') == [["a", "b\nc"], ["d", "e"]]


def test_a_record_has_as_many_values_as_the_header_has_names() -> None:
    assert _read(b"a\na,b,c\na,b\n") == [RAGGED, RAGGED, ["a", "b"]]


def test_lines_of_a_record_that_is_none_are_read_each_by_itself() -> None:
    assert _read(b'a,"b\nc,d\ne,f\n') == [["a", "b\n"], ["c", "d"], ["e", "f"]]


def test_an_endless_line_costs_itself_alone() -> None:
    assert _read(b"a,b\n" + b"x" * (MAX_RECORD_BYTES + 5) + b"\nc,d\n") == [["a", "b"], ["c", "d"], Skipped("longer than 16 MiB")]


def test_it_stops_between_records_when_there_was_enough() -> None:
    stream = io.BytesIO(b'a,"b\nc"\nd,e\nf,g\n')
    assert list(records(stream, ",", 2, lambda: stream.tell() > 3)) == [["a", "b\nc"]]
    assert stream.read() == b"d,e\nf,g\n"


@pytest.mark.parametrize(("cells", "text"), [(["a", "b c"], "a,b c"), (["a,b", 'c"d'], '"a,b","c""d"'), ([""], ""), (["", ""], ",")])
def test_cells_are_quoted_only_where_that_is_needed(cells: list[str], text: str) -> None:
    assert joined(cells, ",") == text
