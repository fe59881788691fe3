"""CSV in columns gives what CSV row by row gives, whatever is in the file."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchkeeper.ingest import alert_mapping
from watchkeeper.ingest.alert_csv import Dialect, csv_columns, csv_rows, dialect_of
from watchkeeper.ingest.alert_mapping import AlertMapping
from watchkeeper.ingest.reader import Columns, Row, Skipped

MAPPING = """\
name: acme
format: [csv]
columns: [when, what]
leave_out: [truth]
time: [{field: when, unit: s}, {field: began}]
rule: [what, other]
title: what
detector: [{text: acme-edr}]
level: [{field: severity, values: {"9": critical}}, {text: low}]
host: [{field: device}]
techniques: [tags]
entities: [{kind: address, field: ip}, {kind: host, field: device}]
"""
HEADER = ["when", "what", "truth", "ip", "device", "tags"]
PIECES = (
    *(b"", b"a", b"1642118409", b"2024-01-02T03:04:05Z", b"192.0.2.1", b"T1059.001", b"word with spaces", b"z" * 70),
    *(b'"', b'""', b'"""', b'"a"', b'"a,b"', b'"a\nb"', b'"a\r\nb"', b'"a""b"', b'a"b', b'"a"b', b" ", b"'"),
    *(
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\xe2\x82",
        "é❖".encode(),
        b",",
        b",",
        b",",
        b";",
        b"\t",
        b"|",
        b"NULL",
    ),
)
GOOD = b'1642118409,Bad thing,x,192.0.2.1,Web-1.example.org,"T1059, T1078"\n'


@pytest.fixture(scope="module")
def mapping() -> AlertMapping:
    return alert_mapping.parse(MAPPING, "acme.yml")


def _told(items: Iterable[Row | Skipped | Columns]) -> tuple[list[Any], Mapping[str, int], int]:
    """Every event with its place, what was skipped, and how many records there were."""
    events: list[Any] = []
    skipped: Counter[str] = Counter()
    at = 0
    for item in items:
        if isinstance(item, Columns):
            events += [(at + place, *event) for place, event in zip(item.places.tolist(), _events(item), strict=True)]
            skipped.update(item.skipped)
            at += item.records
            continue
        if isinstance(item, Row):
            events.append((at, item.host, item.time, item.raw, {name: _plain(value) for name, value in item.fields.items()}))
        else:
            skipped[item.reason] += 1
        at += 1
    return events, skipped, at


def _events(item: Columns) -> Iterator[tuple[Any, ...]]:
    fields = {name: column.to_pylist() for name, column in item.fields.items()}
    for at, event in enumerate(zip(item.hosts.to_pylist(), item.times.to_pylist(), item.raw.to_pylist(), strict=True)):
        yield *event, {name: values[at] for name, values in fields.items() if values[at] is not None}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else list(value)


def _both(mapping: AlertMapping, text: bytes, dialect: Dialect, chunk_bytes: int) -> Counter[str]:
    """Check that both ways give the same, and count what came in columns and in rows."""
    rows = list(csv_rows(mapping, dialect, io.BytesIO(text)))
    columns = list(csv_columns(mapping, dialect, io.BytesIO(text), chunk_bytes=chunk_bytes, least_bytes=1))
    assert _told(columns) == _told(rows)
    return Counter(type(item).__name__ for item in columns)


@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=60),
    delimiter=st.sampled_from([",", ";", "\t", "|", " ", "a", "\0", "é"]),
    chunk_bytes=st.sampled_from([1, 7, 40, 200, 4096]),
)
@example(pieces=[b'"', b"\n", b"a,b\n" * 50], delimiter=",", chunk_bytes=40)
def test_no_bytes_make_columns_differ_from_rows(mapping: AlertMapping, pieces: list[bytes], delimiter: str, chunk_bytes: int) -> None:
    _both(mapping, b"header\n" + b"".join(pieces), Dialect(delimiter, HEADER[:2]), chunk_bytes)


CELL = st.sampled_from(
    ["", "", "a", 'say "x"', "a,b", "a;b", "two\nlines", "two\r\nlines", "é", "1642118409", "T1059", "192.0.2.1", "x" * 90]
)
RECORD = st.lists(CELL, min_size=len(HEADER), max_size=len(HEADER))
HURT = st.sampled_from([b"\n", b"\r", b'"', b",", b"\xff", b"\0", b'",', b'\n"', b"\xef\xbb\xbf"])


@given(
    records=st.lists(RECORD, min_size=1, max_size=30),
    way=st.tuples(st.sampled_from(",;\t"), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.sampled_from(["\n", "\r\n"])),
    hurts=st.lists(st.tuples(st.integers(0, 10_000), HURT), max_size=2),
    chunk_bytes=st.sampled_from([40, 200, 4096]),
)
def test_written_and_damaged_files_are_read_alike(mapping: AlertMapping, records: Any, way: Any, hurts: Any, chunk_bytes: int) -> None:
    delimiter, quoting, end = way
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([HEADER, *records])
    text = written.getvalue().encode()
    for place, hurt in hurts:
        at = len(delimiter.join(HEADER)) + 20 + place % len(text)
        text = text[:at] + hurt + text[at:]
    _both(mapping, text, Dialect(delimiter, HEADER), chunk_bytes)


def test_a_clean_file_comes_in_columns_and_a_bad_line_costs_its_chunk_alone(mapping: AlertMapping) -> None:
    head, dialect = ",".join(HEADER).encode() + b"\n", Dialect(",", HEADER)
    assert _both(mapping, head + GOOD * 100, dialect, 1000) == {"Columns": 7}
    hurt = head + GOOD * 50 + b"one,too,few\n" + GOOD * 50
    assert _both(mapping, hurt, dialect, 1000) == {"Columns": 6, "Row": 14, "Skipped": 1}
    assert _both(mapping, head + b"1,,x,,,\n" * 3 + GOOD, dialect, 1000) == {"Columns": 1}


def test_a_record_longer_than_a_chunk_is_read(mapping: AlertMapping) -> None:
    long = b'1642118409,"' + b"line\n" * 100 + b'",x,,,\n'
    _both(mapping, b"header\n" + GOOD + long + GOOD * 5, Dialect(",", HEADER), 64)


@pytest.mark.parametrize("odd", ["what", "_id", "signal.rule", ""])
def test_odd_names_in_the_header_are_read_row_by_row(mapping: AlertMapping, odd: str) -> None:
    dialect = Dialect(",", [*HEADER[:-1], odd])
    assert _both(mapping, b"header\n" + GOOD, dialect, 1000) == ({"Columns": 1} if odd == "" else {"Row": 1})


class _Breaking(io.RawIOBase):
    """A stream that breaks off."""

    def __init__(self, text: bytes) -> None:
        self._inner = io.BytesIO(text)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._inner.read(min(100, len(buffer)))
        if not found:
            raise OSError("the disk is gone")
        buffer[: len(found)] = found
        return len(found)


@pytest.mark.parametrize("least_bytes", [1, 10_000])
def test_what_came_before_a_stream_broke_off_is_read(mapping: AlertMapping, least_bytes: int) -> None:
    text = b"header\n" + GOOD * 20 + b"1642118409,half"
    found: list[Row | Skipped | Columns] = []
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(
            csv_columns(mapping, Dialect(",", HEADER), io.BufferedReader(_Breaking(text)), chunk_bytes=400, least_bytes=least_bytes)
        )
    events, skipped, _ = _told(found)
    assert (len(events), skipped) == (20, {})


def test_the_delimiter_is_the_one_that_makes_the_header_fit(mapping: AlertMapping, tmp_path: Path) -> None:
    assert dialect_of(mapping, 'when,"what",x') == Dialect(",", ["when", "what", "x"])
    assert dialect_of(mapping, "when;what") is None
    assert dialect_of(mapping, "") is None
