"""Rows for `bench/lake.py`: real OTRF events as the lake keeps them, rewritten again and again. Owns how; measures nothing.

Events are read and brought into the schema once. With each commit they are drawn in another order and given new ids, times, hosts (500 of
them), addresses (60,000) and, one in seven, new hashes. `_raw` stays as it was recorded: it is long, and it takes most of the disk.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.ingest import read
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.stored import HASHES, NUMBERS, STORED_SCHEMA, TEXTS
from watchkeeper.schema import view

HOSTS, ADDRESSES, NEW_HASHES = 500, 60_000, 1 / 7
BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
_SENDER = "5e4d3c2b"


def host(number: int) -> str:
    return f"ws{number:04d}"


def address(number: int) -> str:
    return f"10.{number // 250 // 250}.{number // 250 % 250}.{number % 250 + 1}"


def real(path: Path, most: int) -> pa.Table:
    """Read recorded events as the lake keeps them."""
    found: list[pa.Table] = []
    for item in read([path]):
        if isinstance(item, Batch):
            found.append(_stored(item))
        if sum(table.num_rows for table in found) >= most:
            break
    return pa.concat_tables(found).slice(0, most).combine_chunks()


def commits(base: pa.Table, rows: int, each: int, span: timedelta, seed: int = 7) -> Iterator[pa.Table]:
    """Yield so many rows, each commit's in time order and after the one before."""
    draw = np.random.default_rng(seed)
    step = span / max(1, rows // each)
    for number in range(rows // each):
        taken = base.take(pa.array(draw.integers(0, base.num_rows, each)))
        yield _rewritten(taken, number, BEGAN + number * step, step, draw)


def _stored(batch: Batch) -> pa.Table:
    seen, count, source = view(batch), batch.table.num_rows, batch.logsource
    columns: dict[str, Any] = {name: batch.table.column(name) for name in RESERVED.names}
    columns["_received"] = pc.coalesce(columns["_time"], pa.scalar(BEGAN, pa.timestamp("us", "UTC")))
    columns["_day"] = columns["_received"].cast(pa.date32())
    for name, text in (
        ("_tenant", "default"),
        ("_product", source.product),
        ("_service", source.service),
        ("_event_type", source.event_type),
    ):
        columns[name] = pa.repeat(pa.scalar(text), count)
    for name in ("_fields", *TEXTS, *NUMBERS):
        kind = STORED_SCHEMA.field(name).type
        columns[name] = seen.column(name).cast(kind) if name in seen.column_names else pa.nulls(count, kind)
    every = [seen.column(name).to_pylist() for name in seen.column_names if name.endswith("hashes.value")]
    columns[HASHES] = pa.array(
        [_lowered(values) for values in zip(*every, strict=True)] if every else [None] * count, pa.list_(pa.string())
    )
    return pa.table(columns, schema=STORED_SCHEMA)


def _lowered(values: tuple[list[str | None] | None, ...]) -> list[str] | None:
    return [text.lower() for one in values for text in one or () if text] or None


def _rewritten(table: pa.Table, number: int, began: datetime, step: timedelta, draw: np.random.Generator) -> pa.Table:
    count = table.num_rows
    columns: dict[str, Any] = {name: table.column(name) for name in table.column_names}
    columns["_id"] = pa.array([f"{_SENDER}{number * count + place:016x}{0:08x}" for place in range(count)])
    micros = round(began.timestamp() * 1e6) + np.sort(draw.integers(0, int(step / timedelta(microseconds=1)), count))
    columns["_time"] = pa.array(micros, pa.int64()).cast(pa.timestamp("us", "UTC"))
    columns["_received"] = pa.array(micros + 2_000_000, pa.int64()).cast(pa.timestamp("us", "UTC"))
    columns["_day"] = columns["_time"].cast(pa.date32())
    columns["_host"] = pa.array([host(one) for one in range(HOSTS)]).take(pa.array(draw.integers(0, HOSTS, count)))
    addresses = pa.array([address(one) for one in range(ADDRESSES)])
    for name in ("src_endpoint.ip", "dst_endpoint.ip"):
        other = addresses.take(pa.array(draw.integers(0, ADDRESSES, count)))
        columns[name] = pc.if_else(pc.is_valid(columns[name]), other, pa.scalar(None, pa.string()))
    columns[HASHES] = _hashes(columns[HASHES].combine_chunks(), draw)
    return pa.table(columns, schema=STORED_SCHEMA)


def _hashes(lists: Any, draw: np.random.Generator) -> Any:
    texts = lists.flatten().to_pylist()
    for place in np.flatnonzero(draw.random(len(texts)) < NEW_HASHES):
        texts[place] = draw.bytes(len(texts[place]) // 2).hex()
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0))
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(texts, pa.string()), mask=pc.is_null(lists))
