"""Events in the one shape in which the lake keeps them. Owns filling its columns; the columns themselves are `model.stored`'s."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec
import pyarrow
import pyarrow.compute

from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.stored import HASHES, NUMBERS, STORED_SCHEMA, TEXTS
from watchkeeper.schema.arrays import Column, first, listed
from watchkeeper.schema.as_json import as_json
from watchkeeper.schema.reading import Reading
from watchkeeper.schema.view import view

pa: Any = pyarrow  # its shipped types know no scalars in these places
pc: Any = pyarrow.compute
_DAY, _MOMENT = pa.date32(), pa.timestamp("us", tz="UTC")
HASH_PATHS = tuple(f"{of}file.hashes.value" for of in ("", "process.", "module.", "driver."))
"""Attributes that hold hashes of files; a stored event has those of all of them in one column."""
FEW_ROWS = 12
"""So many events of one batch are read one by one: beneath that, going by columns costs more."""
_WANTED = frozenset((*TEXTS, *NUMBERS, *HASH_PATHS))


def stored(batch: Batch, tenant: str, received: int | Column) -> pyarrow.Table:
    """Give a batch's events in `STORED_SCHEMA`, row for row; `received` is when they came, or each of them, µs since 1970, UTC."""
    rows = batch.table.num_rows
    seen = _by_row(batch) if rows <= FEW_ROWS else _by_column(batch)
    came = (pa.repeat(pa.scalar(received, pa.int64()), rows) if isinstance(received, int) else received).cast(_MOMENT)
    columns: dict[str, Column] = {
        "_tenant": pa.repeat(pa.scalar(tenant), rows),
        "_day": pc.fill_null(batch.table.column("_time"), came).cast(pa.timestamp("us")).cast(_DAY),
        **{name: batch.table.column(name) for name in RESERVED.names},
        "_received": came,
        "_product": pa.repeat(pa.scalar(batch.logsource.product), rows),
        "_service": pa.repeat(pa.scalar(batch.logsource.service), rows),
        "_event_type": pa.repeat(pa.scalar(batch.logsource.event_type), rows),
        **seen,
    }
    return pa.Table.from_arrays(
        [_filled(columns.get(field.name), field.type, rows) for field in cast("list[Any]", list(STORED_SCHEMA))], schema=STORED_SCHEMA
    )


def _by_column(batch: Batch) -> dict[str, Column | None]:
    seen = view(batch, _WANTED.__contains__)
    told = {name: first(_whole(seen.column(name))) for name in (*TEXTS, *NUMBERS) if name in seen.column_names}
    return {**told, HASHES: _hashes(seen), "_fields": as_json(batch)}


def _by_row(batch: Batch) -> dict[str, Column | None]:
    """Read a few events one by one, which says the same for less."""
    hosts = cast("list[str]", batch.table.column("_host").to_pylist())
    rows = list(batch.rows())
    events = [Reading(batch.logsource, row, host) for row, host in zip(rows, hosts, strict=True)]
    told: dict[str, Column | None] = {
        name: pa.array([next(iter(one.texts(name)), None) for one in events], pa.string()) for name in (*TEXTS, *NUMBERS)
    }
    told["class_uid"] = pa.array([one.class_uid for one in events], pa.int64())
    told[HASHES] = pa.array(
        [_together(one.texts(path) for path in one.paths() if path in HASH_PATHS) for one in events], pa.list_(pa.string())
    )
    told["_fields"] = pa.array([msgspec.json.encode(row).decode() for row in rows], pa.string())
    return told


def _filled(column: Column | None, kind: Any, rows: int) -> Column:
    return pa.nulls(rows, kind) if column is None else column.cast(kind)


def _whole(column: Column) -> Column:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _hashes(seen: pyarrow.Table) -> Column | None:
    """Gather every hash of a file that an event names, in lower case, each once."""
    held = [listed(_whole(seen.column(name))) for name in seen.column_names if name in HASH_PATHS]
    if not held:
        return None
    rows = zip(*(column.to_pylist() for column in held), strict=True)
    return pa.array([_together(row) for row in rows], pa.list_(pa.string()))


def _together(row: Iterable[Iterable[str | None] | None]) -> list[str] | None:
    return list(dict.fromkeys(text.lower() for one in row for text in one or () if text)) or None
