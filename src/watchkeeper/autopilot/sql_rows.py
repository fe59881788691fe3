"""Rows of an answer for those who do not read Arrow: JSON, CSV, Parquet. Owns how a value is written in each."""

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.lake import Answer
from watchkeeper.model.asked_sql import SqlAnswer, SqlColumn

_SAFE = 1 << 53
_AT_ONCE = 2_048


def as_answer(answer: Answer) -> SqlAnswer:
    """Give an answer as a noun; its rows are few."""
    names = answer.rows.schema
    return SqlAnswer(
        columns=tuple(SqlColumn(name=one.name, kind=str(one.type)) for one in names),
        rows=tuple(tuple(row) for row in _rows(answer.rows)),
        more=answer.more,
        seconds=round(answer.seconds, 3),
        files=answer.files,
    )


def jsonl(rows: pa.Table) -> Iterator[bytes]:
    """Yield a JSON object a row."""
    encode = msgspec.json.Encoder().encode
    names = rows.column_names
    for row in _rows(rows):
        yield encode(dict(zip(names, row, strict=True))) + b"\n"


def as_csv(rows: pa.Table) -> Iterator[bytes]:
    """Yield a line a row, the names first; a text that a spreadsheet would run as a formula is prefixed."""
    yield _line(rows.column_names)
    for row in _rows(rows):
        yield _line([_cell(value) for value in row])


def as_parquet(rows: pa.Table) -> Iterator[bytes]:
    """Yield one file; columns of the same name get numbers."""
    names = [f"{name}_{place}" if rows.column_names.index(name) != place else name for place, name in enumerate(rows.column_names)]
    sink = pa.BufferOutputStream()
    pq.write_table(rows.rename_columns(names), sink, compression="zstd")
    yield sink.getvalue().to_pybytes()


WRITERS: Mapping[str, tuple[str, Callable[[pa.Table], Iterator[bytes]]]] = {
    "jsonl": ("application/x-ndjson", jsonl),
    "csv": ("text/csv; charset=utf-8", as_csv),
    "parquet": ("application/vnd.apache.parquet", as_parquet),
}
"""Media type and writer of each form."""


def _rows(rows: pa.Table) -> Iterator[list[Any]]:
    for batch in rows.to_batches(max_chunksize=_AT_ONCE):
        columns = [[_plain(value) for value in column.to_pylist()] for column in batch.columns]
        yield from (list(row) for row in zip(*columns, strict=True))


def _plain(value: Any) -> Any:  # noqa: PLR0911 -- a line a kind
    """Give a value as JSON has it."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return value if -_SAFE <= value <= _SAFE else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.hex()
        case list() | tuple():
            return [_plain(one) for one in value]
        case dict():
            return {str(name): _plain(one) for name, one in value.items()}
        case _:
            return str(value)


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode(errors="backslashreplace")


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()
    return f"'{text}" if text[:1] in ("=", "+", "@", "-", "\t", "\r") and isinstance(value, str) else text
