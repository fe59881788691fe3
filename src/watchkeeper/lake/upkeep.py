"""Upkeep of the event table: small files joined, events kept no longer than they may, old files and old log removed. Owns what is due.

One process does it, beside any number that write and read: files that are replaced stay on the disk for an hour, so that a question that
reads them goes on, and what another commit gets in the way of is left for the next time.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties
from deltalake._internal import RemoveAction
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction

from watchkeeper.lake.active import ActiveFiles, days_of
from watchkeeper.lake.part_file import GROUP_ROWS, MARK, PART_SCHEMA, PARTITION, TYPES, write_part
from watchkeeper.lake.table import SCHEMA

pc: Any = pyarrow.compute  # its shipped types know no scalars in these places
_SMALL_ROWS, _SMALL_BYTES = 500_000, 64 << 20
"""A file below both is joined with others."""
_JOINED_ROWS, _JOINED_BYTES = 1_000_000, 256 << 20
_FEWEST = 8
"""So many small files of a day are worth joining; of a day that is over, two."""
_SETTLED_SECONDS = 600
"""Files younger than this are left alone, so that joining takes nothing from what comes in just now."""
_KEPT_HOURS = 1
"""How long replaced files, and files of commits that never came, stay."""
_LEVEL = 3
"""Compression of joined files, which are written once and read often."""
Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many days events are kept after they came; what is not named is kept for `days`, 0: for ever."""

    days: int = 0
    tenants: Mapping[str, int] = field(default_factory=dict[str, int])
    senders: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """By tenant and the sender's name; it goes before that of its tenant."""

    def of(self, tenant: str) -> int:
        """Give the days of a tenant."""
        return self.tenants.get(tenant, self.days)


@dataclass(frozen=True, slots=True)
class Done:
    """What upkeep did."""

    joined: int = 0
    """Files that were joined into others."""
    made: int = 0
    """Files that took their place."""
    expired_rows: int = 0
    """Events that were kept long enough."""
    expired: tuple[tuple[str, str, int], ...] = ()
    """Tenant, sender (empty: any) and events."""
    removed: int = 0
    """Files taken off the disk."""
    put_off: int = 0
    """Changes that another commit got in the way of."""


class Upkeep:
    """Does what is due on one event table."""

    def __init__(self, folder: Path, keeping: Keeping | None = None, settled_seconds: float = _SETTLED_SECONDS) -> None:
        """Take the table's folder."""
        self._folder, self._keeping, self._settled = folder, keeping or Keeping(), settled_seconds
        self._active = ActiveFiles(folder)
        self._searched: set[tuple[str, str]] = set()

    def upkeep(self, now: datetime, seconds: float = 60) -> Done:
        """Let events go that were kept long enough, join small files until the time is over, and remove what nobody needs."""
        listed = self._active.listed()
        if listed is None:
            return Done()
        done = self._expire(now, days_of(listed), Done())
        until = time.monotonic() + seconds
        for tenant, day, files in self._joinable(now):
            if time.monotonic() > until:
                break
            done = self._replaced(done, tenant, day, files, None)
        return replace(done, removed=self._tidied())

    def _joinable(self, now: datetime) -> Iterator[tuple[str, date, list[Said]]]:
        """Yield files to be joined, those of a day together, the oldest events first."""
        listed = self._active.listed()
        for (tenant, day), files in sorted(days_of(listed).items() if listed is not None else ()):
            small = [one for one in files if _small(one) and one["modification_time"] / 1_000 <= now.timestamp() - self._settled]
            small.sort(key=lambda one: (one["min._time"] is None, one["min._time"], one["path"]))
            fewest = _FEWEST if day >= now.date() else 2
            for group in _groups(small):
                if len(group) >= fewest:
                    yield tenant, day, group

    def _expire(self, now: datetime, files: Mapping[tuple[str, date], Sequence[Said]], done: Done) -> Done:
        for (tenant, day), said in files.items():
            for one in said:
                without = self._due(now, tenant, one)
                if without is not None:
                    done = self._replaced(done, tenant, day, [one], without)
        return done

    def _due(self, now: datetime, tenant: str, said: Said) -> frozenset[str] | None:
        """Give the senders whose events in a file were kept long enough; none of them: everybody's; nothing: leave the file."""
        newest: datetime | None = said["max._received"]
        if newest is None:
            return None
        own = {sender: days for (of, sender), days in self._keeping.senders.items() if of == tenant}
        alone = said["min._source"] if said["min._source"] == said["max._source"] else None
        if _over(now, newest, own.get(alone, self._keeping.of(tenant)) if alone else max(self._keeping.of(tenant), *own.values(), 0)):
            return frozenset()
        named = [sender for sender, days in own.items() if _over(now, newest, days) and self._may_hold(said, sender)]
        return frozenset(named) or None

    def _may_hold(self, said: Said, sender: str) -> bool:
        first, last = said["min._source"], said["max._source"]
        if (first is not None and sender < first) or (last is not None and sender > last) or (said["path"], sender) in self._searched:
            return False
        self._searched.add((said["path"], sender))
        sources = pq.read_table(self._folder / said["path"], columns=["_source"]).column("_source")
        return bool(pc.any(pc.equal(sources, sender)).as_py())

    def _replaced(self, done: Done, tenant: str, day: date, files: Sequence[Said], without: frozenset[str] | None) -> Done:
        """Put one file in the place of several, without events of these senders, or of anybody if it is empty."""
        path = f"_tenant={tenant}/_day={day.isoformat()}/joined-{uuid4().hex}-{MARK}.parquet"
        before = sum(one["num_records"] for one in files)
        partition: dict[str, str | None] = {"_tenant": tenant, "_day": day.isoformat()}
        now = int(time.time() * 1_000)
        adds: list[AddAction] = []
        left = 0
        if without != frozenset():
            size, said, left = self._joined(path, files, without or frozenset())
            adds = [AddAction(path, size, partition, now, without is not None, said)] if left else []
        gone = [RemoveAction(one["path"], without is not None, now, one["size_bytes"], partition) for one in files]
        if not self._committed([*gone, *adds]):
            (self._folder / path).unlink(missing_ok=True)
            return replace(done, put_off=done.put_off + 1)
        if without is None:
            return replace(done, joined=done.joined + len(files), made=done.made + len(adds))
        told = (tenant, ", ".join(sorted(without)), before - left)
        return replace(done, expired_rows=done.expired_rows + before - left, expired=(*done.expired, told))

    def _joined(self, path: str, files: Sequence[Said], without: frozenset[str]) -> tuple[int, str, int]:
        rows = 0

        def counted() -> Iterator[pa.Table]:
            nonlocal rows
            for table in _by_time(self._folder / one["path"] for one in files):
                kept = (
                    table.filter(pc.invert(pc.is_in(table.column("_source"), value_set=pa.array(sorted(without), pa.string()))))
                    if without
                    else table
                )
                rows += kept.num_rows
                yield kept

        size, said = write_part(self._folder / path, counted(), _LEVEL)
        return size, said, rows

    def _committed(self, actions: list[Any]) -> bool:
        table = DeltaTable(str(self._folder))
        known = {
            one["path"] for one in cast("Any", pa.table(cast("Any", table.get_add_actions(flatten=True)))).select(["path"]).to_pylist()
        }
        if any(isinstance(action, RemoveAction) and action.path not in known for action in actions):
            return False
        try:
            table.create_write_transaction(
                actions, "append", SCHEMA, list(PARTITION), commit_properties=CommitProperties(max_commit_retries=20),
                post_commithook_properties=PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False),
            )  # fmt: skip
        except CommitFailedError:
            return False
        return True

    def _tidied(self) -> int:
        """Remove files that no commit of the last hour needs, and the log that the newest checkpoint stands for."""
        table = DeltaTable(str(self._folder))
        try:
            gone = table.vacuum(_KEPT_HOURS, dry_run=False, enforce_retention_duration=False, full=True)
            table.cleanup_metadata()
        except (CommitFailedError, DeltaError, OSError):
            return 0
        return len(gone)


def _small(said: Said) -> bool:
    return bool(said["num_records"] < _SMALL_ROWS and said["size_bytes"] < _SMALL_BYTES)


def _groups(files: Sequence[Said]) -> Iterator[list[Said]]:
    group, rows, size = list[Said](), 0, 0
    for one in files:
        if group and (rows + one["num_records"] > _JOINED_ROWS or size + one["size_bytes"] > _JOINED_BYTES):
            yield group
            group, rows, size = [], 0, 0
        group.append(one)
        rows, size = rows + one["num_records"], size + one["size_bytes"]
    if group:
        yield group


def _over(now: datetime, newest: datetime, days: int) -> bool:
    return days > 0 and newest < now - timedelta(days=days)


def _by_time(paths: Iterator[Path]) -> Iterator[pa.Table]:
    """Yield the rows of files that are in time order themselves, a row group at a time, each sorted by time."""
    waiting, rows = list[pa.Table](), 0
    for path in paths:
        for batch in pq.ParquetFile(path).iter_batches(GROUP_ROWS):
            waiting.append(_today(pa.Table.from_batches([batch])))
            rows += batch.num_rows
            if rows >= GROUP_ROWS:
                yield _sorted(waiting)
                waiting, rows = [], 0
    if waiting:
        yield _sorted(waiting)


def _today(table: pa.Table) -> pa.Table:
    """Give a file's rows today's columns."""
    held, count = set(table.column_names), table.num_rows
    columns: dict[str, Any] = {name: table.column(name) if name in held else pa.nulls(count, TYPES[name]) for name in PART_SCHEMA.names}
    return pa.table(columns).cast(PART_SCHEMA)


def _sorted(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables).combine_chunks().sort_by([("_time", "ascending"), ("_id", "ascending")])
