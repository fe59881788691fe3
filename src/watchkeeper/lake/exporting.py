"""Answers as files that other programs open. Owns CSV, JSON lines and Parquet; who may have them is decided elsewhere."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Literal, cast

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.markup.spreadsheet import cell

Form = Literal["csv", "jsonl", "parquet"]
FORMS: tuple[Form, ...] = ("csv", "jsonl", "parquet")
"""Every form of export."""
_BATCH_ROWS = 2_048


def exported(rows: pa.Table, form: Form) -> Iterator[bytes]:
    """Yield rows as text or bytes of a file, piece by piece; no cell of CSV runs in a spreadsheet."""
    match form:
        case "parquet":
            yield _parquet(rows)
        case "csv":
            yield _line(rows.column_names)
            yield from (_line([cell(value) for value in row.values()]) for row in _rows(rows))
        case "jsonl":
            yield from (msgspec.json.encode(row, enc_hook=str) + b"\n" for row in _rows(rows))


def _rows(rows: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in rows.to_batches(_BATCH_ROWS):
        columns = [cast("list[Any]", batch.column(place).to_pylist()) for place in range(batch.num_columns)]
        yield from (dict(zip(rows.column_names, values, strict=True)) for values in zip(*columns, strict=True))


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode(errors="replace")


def _parquet(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(rows, cast("Any", sink), compression="zstd")
    return sink.getvalue().to_pybytes()
