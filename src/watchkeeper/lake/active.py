"""The files that hold the event table's events now. Owns choosing those that a question can concern, by what the log says of each."""

import threading
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
from deltalake import DeltaTable

from watchkeeper.lake.part_file import MARK, TYPES

pc: Any = pyarrow.compute  # its shipped types know no scalars in these places
_MOMENT = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are meant; what is empty or none is no condition."""

    tenants: Collection[str] | None
    """Whose events; none: everybody's."""
    start: datetime | None = None
    """Not earlier than this, UTC."""
    end: datetime | None = None
    """Not later than this, UTC."""
    ids: Collection[str] = ()
    """Ids of events."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files that may hold what is wanted, newest first."""

    paths: tuple[str, ...]
    rows: int
    """Rows in them."""
    mixed: bool
    """Whether some were written with other columns than today's."""
    newest: tuple[int | None, ...] = ()
    """Time of the newest event of each, in microseconds since 1970; none if it is not known."""
    oldest: tuple[int | None, ...] = ()
    """Time of the oldest event of each."""


class ActiveFiles:
    """Keeps the list of a table's active files, read again when the table has moved on; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Take the table's folder; a folder without a table has no files."""
        self.folder = folder
        self._lock = threading.Lock()
        self._table: DeltaTable | None = None
        self._listed: pa.Table | None = None
        self._version = -1

    def chosen(self, wanted: Wanted) -> Chosen:
        """Give the files that may hold what is wanted."""
        listed = self.listed()
        if listed is None:
            return Chosen((), 0, mixed=False)
        kept: Any = listed.filter(_mask(listed, wanted))
        paths: list[str] = kept.column("path").to_pylist()
        mixed = any(MARK not in path for path in paths)
        newest, oldest = (tuple(kept.column(f"{side}._time").cast(_MOMENT).cast(pa.int64()).to_pylist()) for side in ("max", "min"))
        rows = pc.sum(kept.column("num_records")).as_py() or 0
        return Chosen(tuple(str(self.folder / path) for path in paths), rows, mixed, newest, oldest)

    def listed(self) -> pa.Table | None:
        """Give every active file with its statistics, newest first; none if there is no table."""
        with self._lock:
            if self._table is None:
                if not DeltaTable.is_deltatable(str(self.folder)):
                    return None
                self._table = DeltaTable(str(self.folder))
            else:
                self._table.update_incremental()
            if self._version != self._table.version() or self._listed is None:
                self._listed, self._version = _listed(self._table), self._table.version()
            return self._listed


def _listed(table: DeltaTable) -> pa.Table:
    said: Any = pa.table(table.get_add_actions(flatten=True))
    names = ["path", "size_bytes", "modification_time", "num_records", "partition._tenant", "partition._day"]
    names += [f"{side}.{name}" for side in ("min", "max") for name in ("_time", "_id", "_received")]
    names += ["min._source", "max._source", "null_count._time"]
    kept = said.select([name for name in names if name in said.column_names])
    for name in names:
        if name not in kept.column_names:  # an empty table says nothing of its files
            kept = kept.append_column(name, pa.nulls(kept.num_rows, _kind(name)))
    return kept.sort_by([("max._time", "descending"), ("path", "ascending")])


def _kind(name: str) -> Any:
    return TYPES.get(name.rsplit(".", maxsplit=1)[-1], pa.int64()) if name.startswith(("min.", "max.")) else pa.int64()


def _mask(listed: Any, wanted: Wanted) -> Any:
    """Say which files may hold what is wanted; one of which the log says nothing may."""
    mask = pa.array([True] * listed.num_rows, pa.bool_())
    if wanted.tenants is not None:
        mask = pc.is_in(listed.column("partition._tenant"), value_set=pa.array(sorted(wanted.tenants), pa.string()))
    for name, bound, holds in (("max._time", wanted.start, pc.greater_equal), ("min._time", wanted.end, pc.less_equal)):
        if bound is not None:
            column = listed.column(name)
            mask = pc.and_(mask, pc.fill_null(holds(column, pa.scalar(bound, column.type)), fill_value=True))
    return pc.and_(mask, _with_ids(listed, sorted(wanted.ids))) if wanted.ids else mask


def _with_ids(listed: Any, ids: list[str]) -> Any:
    """Say which files may hold one of the ids: they begin with the sender and the order in which records came, so few do."""
    bounds = zip(listed.column("min._id").to_pylist(), listed.column("max._id").to_pylist(), strict=True)
    held = [first is None or last is None or bisect_left(ids, first) < bisect_right(ids, last) for first, last in bounds]
    return pa.array(held, pa.bool_())


def days_of(listed: pa.Table) -> dict[tuple[str, date], list[dict[str, Any]]]:
    """Give what the log says of each file by tenant and day."""
    found: dict[tuple[str, date], list[dict[str, Any]]] = {}
    for row in listed.to_pylist():
        found.setdefault((row["partition._tenant"], row["partition._day"]), []).append(row)
    return found
