"""Answers are written as other programs read them, and nothing in them runs."""

import csv
import io
import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.lake.exporting import FORMS, exported

ROWS = pa.table(
    {
        "_time": pa.array([datetime(2026, 1, 2, tzinfo=UTC), None], pa.timestamp("us", tz="UTC")),
        "file.hashes.value": pa.array([["aa"], None]),
        "text": ['=HYPERLINK("http://a")', 'a,"b"\nc'],
        "count": [1, -2],
    }
)


def test_csv_keeps_every_value_and_runs_none() -> None:
    text = b"".join(exported(ROWS, "csv")).decode()
    assert list(csv.reader(io.StringIO(text))) == [
        ["_time", "file.hashes.value", "text", "count"],
        ["2026-01-02T00:00:00Z", '["aa"]', '\'=HYPERLINK("http://a")', "1"],
        ["", "", 'a,"b"\nc', "-2"],
    ]


def test_json_lines_and_parquet_keep_types() -> None:
    lines = [json.loads(line) for line in b"".join(exported(ROWS, "jsonl")).splitlines()]
    assert lines[0] == {"_time": "2026-01-02T00:00:00Z", "file.hashes.value": ["aa"], "text": '=HYPERLINK("http://a")', "count": 1}
    assert pq.read_table(io.BytesIO(b"".join(exported(ROWS, "parquet")))).equals(ROWS)


def test_an_empty_answer_is_an_empty_file_of_each_form() -> None:
    for form in FORMS:
        assert isinstance(b"".join(exported(ROWS.slice(0, 0), form)), bytes)
