"""VPC flow logs as text."""

import io
from pathlib import Path

import pytest

from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.ingest.vpc_flow import vpc_flow

CASES = Path(__file__).parent.parent / "cases" / "ingest" / "vpc_flow"


def _read(text: bytes) -> list[Row | Skipped]:
    return list(vpc_flow.rows(io.BytesIO(text)))


def test_the_default_format_needs_no_header() -> None:
    text = (CASES / "default" / "input.log").read_bytes()
    assert vpc_flow.sniff(text)
    out, inward, *others = _read(text)
    assert isinstance(out, Row)
    assert isinstance(inward, Row)
    assert (out.host, inward.host) == ("10.0.0.7", "10.0.0.7"), "the end inside is the host it is about"
    assert (inward.fields["dstport"], inward.fields["action"]) == ("22", "REJECT")
    assert others == [Skipped("flow record without data"), Skipped("more or fewer values than the format names")]


@pytest.mark.parametrize("case", ["own/input.log", "table/input.csv"])
def test_a_header_names_the_values(case: str) -> None:
    text = (CASES / case).read_bytes()
    assert vpc_flow.sniff(text)
    first = _read(text)[0]
    assert isinstance(first, Row)
    assert first.time is not None
    assert first.fields["srcaddr"] in {"10.0.0.7", "203.0.113.5"}


def test_a_second_header_in_files_that_were_joined_counts_from_there() -> None:
    found = _read(b"srcaddr dstaddr start\n10.0.0.1 10.0.0.2 1\nstart srcaddr dstaddr\n2 10.0.0.3 10.0.0.4\n")
    assert [row.fields["srcaddr"] for row in found if isinstance(row, Row)] == ["10.0.0.1", "10.0.0.3"]


@pytest.mark.parametrize("text", [b"", b"2 a b c\n", b"srcaddr dstaddr\n", b"a,b,c\n", b"\xff\xfe", b'"srcaddr\n'])
def test_other_text_is_left_to_others(text: bytes) -> None:
    assert not vpc_flow.sniff(text)


def test_a_blank_line_is_no_record_whatever_is_blank_in_it() -> None:
    assert _read(b"\x1c\n \x85\n\t\n") == [Skipped("more or fewer values than the format names")]
