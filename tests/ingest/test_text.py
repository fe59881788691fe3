"""Text logs, line by line."""

import io
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped
from watchkeeper.ingest.text import MAX_CONTINUED_CHARS, MAX_CONTINUED_LINES, text

rows, sniff = text.rows, text.sniff
SYSLOG = "Mar  2 09:00:00 web01 appd[5]: hello"
ACCESS = '203.0.113.9 - - [02/Mar/2026:07:44:49 +0000] "GET / HTTP/1.1" 200 5'
STARTS = [
    SYSLOG,
    ACCESS,
    "\tat org.example",
    "Caused by: x",
    "nothing known",
    "%ASA-4-106023: Deny tcp",
    "CEF:0|a|b|c|d|e|5|x=",
    "<13>",
    '<34>1 - - - - - [a b="',
    "date=",
    "{",
]


def _read(lines: str) -> list[Row | Skipped]:
    return list(rows(io.BytesIO(lines.encode(errors="replace"))))


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        (f"{SYSLOG}\n", True),
        (f"{ACCESS}\nnothing\n", True),
        (f"{ACCESS}\nnothing\nnothing\n", False),
        (f"{SYSLOG}\n" + "\tat a\n" * 50, True),
        ("# a comment\n2026-03-02 10:00:00 main: an application\n", False),
        ('{"EventID": 1}\n', False),
        ("name,value\n1,2\n", False),
        ("", False),
        (f"{SYSLOG}\0\n", False),
        (f"{SYSLOG} " + "x" * HEAD_BYTES, True),
    ],
)
def test_a_file_is_recognised_by_most_of_its_first_lines(lines: str, known: bool) -> None:
    assert sniff(lines.encode()[:HEAD_BYTES]) is known


def test_traces_go_on_with_their_event_up_to_a_bound(split: Any) -> None:
    trace = "java.lang.IllegalStateException: x\n\tat a.B.c(D.java:1)\nCaused by: y\n"
    found, skipped = split(_read(f"{SYSLOG}\n{trace}{SYSLOG}\nunknown\n\tat lost\n"))
    assert [row.fields["message"] for row in found] == [f"hello\n{trace.rstrip()}", "hello"]
    assert skipped == ["line of no known format"] * 2
    assert found[0].raw == f"{SYSLOG}\n{trace.rstrip()}"
    found, skipped = split(_read(f"{SYSLOG}\n" + "\tat a\n" * (MAX_CONTINUED_LINES + 2)))
    assert (len(found), skipped) == (1, ["line beyond the most that one event may go on for"] * 2)
    found, skipped = split(_read(f"{SYSLOG}\n " + "x" * MAX_CONTINUED_CHARS))
    assert (len(found), len(skipped)) == (1, 1)


def test_the_latest_time_with_a_year_dates_the_lines_before_it() -> None:
    first, *_ = _read(f"{SYSLOG}\n{ACCESS.replace('2026', '2019')}\n")
    assert isinstance(first, Row)
    assert first.time is not None
    assert first.time.year == 2019
    assert "year_assumed" not in first.fields


@given(
    lines=st.lists(
        st.builds("".join, st.tuples(st.sampled_from(STARTS), st.text(st.characters(exclude_characters="\r\n"), max_size=20))), max_size=30
    )
)
def test_no_line_is_lost_uncounted(lines: list[str]) -> None:
    text = "\n".join(lines)
    given_lines = [line for line in text.encode(errors="replace").decode().split("\n") if line.strip() and line != "\ufeff"]
    found = _read(text)
    kept = [part for row in found if isinstance(row, Row) for part in row.raw.split("\n")]
    skipped = sum(isinstance(one, Skipped) for one in found)
    assert len(kept) + skipped == len(given_lines)
    assert set(kept) <= {line.removeprefix("\ufeff").rstrip("\r") for line in given_lines} | {line.strip(" \t[],") for line in given_lines}


@given(
    content=st.lists(
        st.binary(max_size=60) | st.sampled_from([start.encode() for start in STARTS]) | st.just("用户".encode("gbk")), max_size=20
    )
)
def test_no_bytes_break_it(content: list[bytes]) -> None:
    sniff(b"".join(content))
    list(rows(io.BytesIO(b"\n".join(content))))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("unit", ["a", " ", "a=", '"', "|", "[", "用", "\\", "1.1.1.1 "])
def test_a_line_of_a_megabyte_is_read_in_no_time(start: str, unit: str) -> None:
    begun = time.perf_counter()
    found = _read(f"{SYSLOG}\n{start}{unit * (1_000_000 // len(unit))}\n{SYSLOG}\n")
    assert time.perf_counter() - begun < 10
    assert [one.fields["message"] for one in found if isinstance(one, Row)][-1] == "hello"
