"""Part files of the event table: how rows become one Parquet file, and what the log says of it. Owns encodings, blooms and statistics.

pyarrow writes them, not delta-rs: the same rows in two thirds of the time, with bloom filters that fold to what they hold.
"""

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from watchkeeper.model.stored import HASHES, STORED_SCHEMA, TEXTS

pc: Any = pyarrow.compute  # its shipped types know no scalars in these places
PARTITION = ("_tenant", "_day")
"""Columns that stand in a file's path and not in the file."""
_FIELDS: Any = [STORED_SCHEMA.field(name) for name in STORED_SCHEMA.names if name not in PARTITION]
PART_SCHEMA = pa.schema(_FIELDS)
"""Columns of a part file."""
TYPES: dict[str, Any] = {name: cast("Any", STORED_SCHEMA).field(name).type for name in STORED_SCHEMA.names}
"""Arrow type of each column."""
MARK = blake2b(PART_SCHEMA.to_string().encode(), digest_size=3).hexdigest()
"""Stands in the name of a part file: which columns it has. Files of one mark are read together without looking at each."""
GROUP_ROWS = 50_000
"""Rows of a row group: what is read at least where a filter does not exclude it."""
LOOKED_UP = ("_id", "_host", "actor.user.name", "user.name", "src_endpoint.ip", "src_endpoint.hostname", "dst_endpoint.ip",
             "dst_endpoint.hostname", "query.hostname", "file.path", "process.file.path", HASHES)  # fmt: skip
"""Columns with a bloom filter: people ask whether they hold a value."""
RANGED = ("_time", "_received", "_id", "_host", "_source")
"""Columns whose least and greatest value the log says of each file."""
_LONGEST_BOUND = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ELEMENTS = f"{HASHES}.list.element"
_ALIKE = ("_host", "_source", "_product", "_service", "_event_type", *(name for name in TEXTS if name != "process.cmd_line"), _ELEMENTS)
"""Columns whose values come again: a dictionary pays."""
_UNRANGED = {"_raw", "_fields", HASHES}


def write_part(path: Path, groups: Iterable[pa.Table], level: int = 1) -> tuple[int, str]:
    """Write rows as one file, to stay where the machine loses power; give its bytes and its statistics as the log wants them (JSON).

    Each of `groups` has the columns of `PART_SCHEMA`; row groups have `GROUP_ROWS` rows at most and do not join groups.

    Raises:
        OSError: the disk is full or broken; what was begun is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    said = _Said()
    try:
        with pq.ParquetWriter(path, PART_SCHEMA, **_how(level)) as writer:
            for group in groups:
                writer.write_table(group, GROUP_ROWS)
                said.add(group)
        kept_on_disk(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path.stat().st_size, said.as_json()


def kept_on_disk(path: Path) -> None:
    """Wait until a file and its name are on the disk."""
    for one in (path, path.parent):
        opened = os.open(one, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _how(level: int) -> dict[str, Any]:
    blooms = {_ELEMENTS if name == HASHES else name: {"ndv": GROUP_ROWS, "fpp": 0.01} for name in LOOKED_UP}
    return {
        "compression": "zstd",
        "compression_level": level,
        "use_dictionary": list(_ALIKE),
        "write_statistics": [name for name in PART_SCHEMA.names if name not in _UNRANGED],
        "bloom_filter_options": blooms,
        "store_schema": False,  # it would repeat the schema in every file; the log has it
    }


class _Said:
    """What the log says of a file: its rows, and the bounds of some columns."""

    def __init__(self) -> None:
        self._rows = 0
        self._nulls = dict.fromkeys(RANGED, 0)
        self._least: dict[str, Any] = {}
        self._greatest: dict[str, Any] = {}

    def add(self, table: pa.Table) -> None:
        self._rows += table.num_rows
        for name in RANGED:
            column: Any = table.column(name)
            self._nulls[name] += column.null_count
            bounds = pc.min_max(column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).as_py()
            for found, wins, bound in ((self._least, min, bounds["min"]), (self._greatest, max, bounds["max"])):
                if bound is not None:
                    found[name] = wins(found.get(name, bound), bound)

    def as_json(self) -> str:
        told = {"numRecords": self._rows, "minValues": _bounds(self._least), "maxValues": _bounds(self._greatest), "nullCount": self._nulls}
        return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def _bounds(found: Mapping[str, Any]) -> dict[str, str]:
    """Write bounds down; one that is too long, or a time that no calendar has, is left out: then nothing is excluded by it."""
    told = {name: _moment(bound) if isinstance(bound, int) else bound for name, bound in found.items()}
    return {name: text for name, text in told.items() if text is not None and len(text) <= _LONGEST_BOUND}


def _moment(micros: int) -> str | None:
    try:
        moment = _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z" if moment.year >= 1000 else None
