"""Rows of an answer as JSON has them, and what files of them are called. Owns how a value is written; files are the lake's."""

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, cast

import pyarrow as pa

from watchkeeper.lake import Answer
from watchkeeper.lake.exporting import Form
from watchkeeper.model.asked_sql import SqlAnswer, SqlColumn

_SAFE = 1 << 53
_AT_ONCE = 2_048


def as_answer(answer: Answer) -> SqlAnswer:
    """Give an answer as a noun; its rows are few."""
    kinds = zip(answer.rows.schema.names, answer.rows.schema.types, strict=True)
    return SqlAnswer(
        columns=tuple(SqlColumn(name=name, kind=str(kind)) for name, kind in kinds),
        rows=tuple(tuple(row) for row in _rows(answer.rows)),
        more=answer.more,
        seconds=round(answer.seconds, 3),
        files=answer.files,
    )


MEDIA: Mapping[Form, str] = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
"""Media type of each form of export."""


def _rows(rows: pa.Table) -> Iterator[list[Any]]:
    for batch in rows.to_batches(max_chunksize=_AT_ONCE):
        columns = [[_plain(value) for value in cast("list[Any]", batch.column(place).to_pylist())] for place in range(batch.num_columns)]
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
            return [_plain(one) for one in cast("list[Any]", value)]
        case dict():
            return {str(name): _plain(one) for name, one in cast("dict[Any, Any]", value).items()}
        case _:
            return str(value)
