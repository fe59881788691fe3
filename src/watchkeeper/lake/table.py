"""The event table: every event that was received, in a Delta table. Owns its commits and the list of its files; questions stand in `sql`.

A commit holds files and how far a worker has come, both or neither, so that a worker that starts again goes on exactly there.
"""

import random
import re
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction

from watchkeeper.lake.part_file import MARK, PART_SCHEMA, PARTITION, kept_on_disk, write_part
from watchkeeper.model.stored import STORED_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know no scalars in these places
SCHEMA = Schema.from_arrow(STORED_SCHEMA)
MOST_DAYS = 32
"""Days of one tenant that a commit keeps apart; events of other days are kept with those of the day on which they came."""
_CHECKPOINT_COMMITS = 20
"""Measured: a commit takes 10 to 30 ms with up to 1,500 files; without checkpoints it takes half a second after a thousand commits."""
_TRIES = 20
_LONGEST_WAIT_SECONDS = 0.2
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_FIRST, _LAST = date(1000, 1, 1), date(9999, 12, 31)
_HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)


class EventTable:
    """A Delta table of `STORED_SCHEMA`, partitioned by `_tenant` and `_day`; any number of processes may append and read at once."""

    def __init__(self, folder: Path) -> None:
        """Open the table, or make it; attributes that an older version of it lacks are added to it.

        Raises:
            ValueError: what is there is no table of events.
        """
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        settings = {"delta.checkpointInterval": str(_CHECKPOINT_COMMITS), "delta.logRetentionDuration": "interval 1 days"}
        self._table = DeltaTable.create(str(folder), SCHEMA, mode="ignore", partition_by=list(PARTITION), configuration=settings)
        self._lock = threading.Lock()
        self._grown()

    @property
    def version(self) -> int:
        """Number of the newest commit that is known here."""
        return self._table.version()

    def position(self, app: str) -> int | None:
        """Give how far a worker has come, by its newest commit; none if it has made none."""
        return self.positions([app])[0]

    def positions(self, apps: Sequence[str]) -> list[int | None]:
        """Give how far several workers have come, as `position` does, with one look at the log."""
        with self._lock:
            self._table.update_incremental()
            return [self._table.transaction_version(app) for app in apps]

    def append(self, table: pa.Table, app: str, position: int) -> int:
        """Keep rows of `STORED_SCHEMA` and how far their worker has come, in one commit that is on the disk when this returns.

        Gives the bytes written. No rows are a commit of the position alone.

        Raises:
            ValueError: the worker has come as far already, so that another one works under its name; or a tenant that is none.
            OSError: the disk is full or broken; nothing was kept, and the position stays.
        """
        with self._lock:
            self._table.update_incremental()
            self._ahead(app, position)
        written = [self._written(part, tenant, day, app) for tenant, day, part in _parted(table)]
        self._commit(written, app, position)
        return sum(add.size for add in written)

    def _written(self, rows: pa.Table, tenant: str, day: date, app: str) -> AddAction:
        name = f"_tenant={tenant}/_day={day.isoformat()}/{app}-{uuid4().hex}-{MARK}.parquet"
        size, said = write_part(self.folder / name, [rows])
        return AddAction(name, size, {"_tenant": tenant, "_day": day.isoformat()}, int(time.time() * 1_000), data_change=True, stats=said)

    def _commit(self, files: list[AddAction], app: str, position: int) -> None:
        properties = CommitProperties(app_transactions=[Transaction(app, position)], max_commit_retries=_TRIES)
        with self._lock:
            for left in range(_TRIES, 0, -1):
                self._ahead(app, position)
                before = self._table.version()
                try:
                    self._table.create_write_transaction(
                        cast("Any", files),
                        "append",
                        SCHEMA,
                        list(PARTITION),
                        commit_properties=properties,
                        post_commithook_properties=_HOOKS,
                    )
                except CommitFailedError:
                    if left == 1:
                        raise
                    time.sleep(random.uniform(0, _LONGEST_WAIT_SECONDS))  # noqa: S311 -- spreads processes that collide, keeps no secret
                    self._table.update_incremental()
                else:
                    self._table.update_incremental()
                    self._settled(before)
                    return

    def _ahead(self, app: str, position: int) -> None:
        reached = self._table.transaction_version(app)
        if reached is not None and reached >= position:
            raise ValueError(f"{app!r} has come to {reached:,} already, so {position:,} is not kept again; see that it runs once only")

    def _settled(self, before: int) -> None:
        """Wait until the log is on the disk: delta-rs does not, and the journal forgets what the lake says it has."""
        for version in range(before + 1, self._table.version() + 1):
            kept_on_disk(self.folder / "_delta_log" / f"{version:020d}.json")

    def _grown(self) -> None:
        known = {field.name for field in self._table.schema().fields}
        if self._table.metadata().partition_columns != list(PARTITION) or "_id" not in known:
            raise ValueError(f"{str(self.folder)!r} is no table of events; choose another folder or move it away")
        missing = [field for field in SCHEMA.fields if field.name not in known]
        if missing:
            self._table.alter.add_columns(missing)


def _parted(table: pa.Table) -> Iterator[tuple[str, date, pa.Table]]:
    """Yield the rows of each tenant and day as columns of a part file."""
    if not table.num_rows:
        return
    table = _days_bounded(table)
    keys = table.select(list(PARTITION))
    for key in keys.group_by(list(PARTITION)).aggregate([]).to_pylist():
        tenant, day = key["_tenant"], key["_day"]
        if not _NAME.fullmatch(tenant) or ".." in tenant:
            raise ValueError(f"tenant {tenant[:80]!r} is no name of one; use up to 63 small letters, digits, `.`, `_` and `-`")
        mask = pc.and_(pc.equal(keys.column("_tenant"), tenant), pc.equal(keys.column("_day"), pa.scalar(day, pa.date32())))
        rows = table if mask.combine_chunks().false_count == 0 else table.filter(mask)
        yield tenant, day, rows.select(PART_SCHEMA.names).cast(PART_SCHEMA)


def _days_bounded(table: pa.Table) -> pa.Table:
    """Keep events of few days apart only: else a sender whose clock jumps, or lies, makes a file of each event."""
    days: Any = table.column("_day")
    counted = sorted(pc.value_counts(days).to_pylist(), key=lambda one: -one["counts"])
    own = [one["values"] for one in counted if _FIRST <= one["values"] <= _LAST][:MOST_DAYS]
    if len(own) == len(counted):
        return table
    kept = pc.is_in(days, value_set=pa.array(own, pa.date32()))
    came = table.column("_received").cast(pa.date32())
    columns: dict[str, Any] = {name: table.column(name) for name in STORED_SCHEMA.names}
    columns["_day"] = pc.if_else(kept, days, came)
    return pa.Table.from_pydict(columns, schema=STORED_SCHEMA)
