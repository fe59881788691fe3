"""Files that no reader knows: kept as they are, sampled, counted."""

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest import READERS, read
from watchkeeper.ingest.reader import HEAD_BYTES, Row, Skipped
from watchkeeper.ingest.unknown import KEPT_EACH, KEPT_FIRST, LEFT_OUT, rows, shape, sniff, unknown
from watchkeeper.model.sourceread import SourceRead

LINE = "2026-03-02 10:00:00,125 main: opened door {number}\n"


def _read(content: bytes) -> list[Row | Skipped]:
    return list(rows(io.BytesIO(content)))


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (b"a line\n", True),
        (b'{"a": 1}\n', True),
        ("门已打开\n".encode("gb18030"), True),
        (b"\x1b[31mred\x1b[0m\n", True),
        (b"", False),
        (b" \n\n", False),
        (b"a\0b\n", False),
        (b"%PDF-1.7\ntext", False),
        (bytes(range(1, 256)), False),
    ],
)
def test_text_is_known_by_having_no_character_that_text_has_not(head: bytes, text: bool) -> None:
    assert sniff(head) is text


def test_the_first_are_kept_and_then_one_in_a_hundred_and_the_others_are_counted() -> None:
    found = _read("".join(LINE.format(number=number) for number in range(3_000)).encode())
    kept = [place for place, one in enumerate(found) if isinstance(one, Row)]
    assert kept == [*range(KEPT_FIRST), *range(KEPT_FIRST, 3_000, KEPT_EACH)]
    assert {one for one in found if isinstance(one, Skipped)} == {LEFT_OUT}
    assert len(found) == 3_000


@pytest.mark.parametrize(
    ("line", "time"),
    [
        ("2026-03-02T10:00:00Z x", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("[2026-03-02 10:00:00,125] x", datetime(2026, 3, 2, 10, 0, 0, 125_000, tzinfo=UTC)),
        ("2026-03-02 10:00:00+02:00|x", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("1772445600 x", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("1772445600500,x", datetime(2026, 3, 2, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("x 2026-03-02T10:00:00Z", None),
        ("2026-03-02 x", None),
        ("17724456001 x", None),
        ("2026-13-02T10:00:00Z x", None),
    ],
)
def test_only_a_time_that_stands_first_and_can_be_nothing_else_is_one(line: str, time: datetime | None) -> None:
    (row,) = _read(f"{line}\n".encode())
    assert isinstance(row, Row)
    assert (row.time, row.host, row.fields, row.raw) == (time, "", {"message": line}, line)


def test_nothing_in_json_is_guessed_and_an_object_over_several_lines_is_one_record() -> None:
    (row, other) = _read(b'[{"time": "2026-03-02T10:00:00Z",\n "host": "a"},\n{"time": 2}]')
    assert isinstance(row, Row)
    assert isinstance(other, Row)
    assert (row.time, row.host, set(row.fields)) == (None, "", {"message"})
    assert row.fields["message"] == '{"time": "2026-03-02T10:00:00Z",\n "host": "a"}'


def test_sources_of_different_shape_stay_apart_and_days_of_one_stay_together() -> None:
    monday, tuesday = (f"2026-03-0{day} 10:00:00,125 INFO x\n".encode() * 3 for day in (2, 3))
    assert shape(monday) == shape(tuesday)
    assert len({shape(monday), shape(b"a,b\n1,2\n"), shape(b'{"a": 1}\n'), shape(b'{"b": 1}\n')}) == 4
    assert shape(b'{"a": 1, "b": 2}') == shape(b'{"b": "x", "a": null}')


def test_it_is_asked_last_and_the_account_says_that_nobody_knew_the_file(tmp_path: Path, events: Any) -> None:
    assert unknown not in READERS
    (tmp_path / "doors.log.gz").write_bytes(gzip.compress("".join(LINE.format(number=number) for number in range(1_200)).encode()))
    (tmp_path / "syslog").write_text("Mar  2 09:00:00 web01 appd[5]: hello\n")
    items = list(read([tmp_path]))
    accounts = {item.source.partition("/")[2]: item for item in items if isinstance(item, SourceRead)}
    assert accounts["doors.log.gz"].is_unknown
    assert (accounts["doors.log.gz"].events, accounts["doors.log.gz"].records, accounts["doors.log.gz"].error) == (1_002, 1_200, "")
    assert not accounts["syslog"].is_unknown
    (product,) = {event["logsource"][0] for event in events(items)} - {"linux"}
    assert product == "unknown"


@given(st.binary(max_size=4_096))
def test_no_bytes_break_it(content: bytes) -> None:
    sniff(content[:HEAD_BYTES])
    for one in _read(content):
        assert isinstance(one, Row | Skipped)
