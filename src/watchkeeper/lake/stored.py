"""Searching the event table as flows do: the answers of `Kept`, over events of a stream. Owns native fields of rows, and timelines.

Rows are found by the columns that are quick to read; what takes long is read of the rows that were found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb
import msgspec
import pyarrow as pa

from watchkeeper.lake.active import ActiveFiles, Wanted
from watchkeeper.lake.kept import with_natives
from watchkeeper.lake.searching import CONFIG, where_of
from watchkeeper.lake.views import statements
from watchkeeper.model.batch import RESERVED, Batch, Value
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query
from watchkeeper.model.stored import HASHES

EntityKind = Literal["host", "user", "address", "hash", "file"]
Decode = Callable[[LogSource, str], Mapping[str, Value]]
"""Gives the native fields of a record whose text holds them itself, as its reader does."""
_LATE_ROWS = 1_000_000
_COLUMNS = "_id, _time, _host, _source, _row, _product, _service, _event_type, _fields, _raw"
_NAMED: Mapping[EntityKind, Sequence[str]] = {
    "host": ("_host", "src_endpoint.hostname", "dst_endpoint.hostname"),
    "user": ("actor.user.name", "user.name"),
    "address": ("src_endpoint.ip", "dst_endpoint.ip"),
    "hash": (HASHES,),
    "file": ("actor.process.file.path", "process.file.path", "file.path"),
}
"""Attributes that name an entity of each kind."""


class StoredEvents:
    """The events of one tenant in the event table, for reading."""

    def __init__(self, folder: Path, tenant: str, decode: Decode) -> None:
        """Take the table's folder; a folder without a table answers every query with nothing."""
        self._active, self._tenant, self._decode = ActiveFiles(folder), tenant, decode
        self._database = duckdb.connect(config=CONFIG)
        for setting in ("TimeZone = 'UTC'", "parquet_metadata_cache = true", f"late_materialization_max_rows = {_LATE_ROWS}"):
            self._database.execute(f"SET {setting}")

    def close(self) -> None:
        """Give the database's memory back."""
        self._database.close()

    def search(self, query: Query) -> Iterator[Event]:
        """Yield events in time order, those without a time last."""
        for table in self._found(query):
            yield from map(self._event, table.to_pylist())

    def batches(self, query: Query, *, ordered: bool = True) -> Iterator[Batch]:
        """Yield the events that a query asks for as batches of one log source each, with their native fields.

        In any order they take no more memory however many there are.
        """
        for table in self._found(query, ordered=ordered):
            rows: dict[LogSource, list[dict[str, Any]]] = {}
            for row in table.to_pylist():
                rows.setdefault(_logsource(row), []).append(row)
            for source, of in rows.items():
                yield self._batch(source, of)

    def days(self, start: datetime, end: datetime) -> tuple[tuple[datetime, int], ...]:
        """Give the days, UTC, on which there are events in a span of time, the first first, with how many."""
        where, values = where_of(Query(start=start, end=end))
        sql = f"SELECT epoch_us(date_trunc('day', _time)), count(*) FROM events WHERE {where} GROUP BY 1 ORDER BY 1"  # noqa: S608 -- fixed text and bound values
        found = self._over(Wanted({self._tenant}, start, end)).execute(sql, values).fetchall()
        return tuple((datetime.fromtimestamp(micros // 1_000_000, UTC), count) for micros, count in found)

    def timeline(self, kind: EntityKind, value: str, span: tuple[datetime | None, datetime | None], limit: int = 1_000) -> pa.Table:
        """Give the newest events that name an entity in a span of time, newest first: stored columns without the long ones."""
        wanted = value if kind == "file" else value.lower()
        ways = [f"list_contains({_q(name)}, ?)" if name == HASHES else f"{_q(name)} = ?" for name in _NAMED[kind]]
        where, bound = where_of(Query(start=span[0], end=span[1]))
        connection = self._over(Wanted({self._tenant}, *span))
        # an OR is not pushed down to the row groups, several questions are
        found = " UNION ALL ".join(
            f"(SELECT * FROM events WHERE {where} AND {way} ORDER BY _time DESC NULLS LAST LIMIT {limit:d})"  # noqa: S608 -- fixed text and bound values
            for way in ways
        )
        sql = f"SELECT DISTINCT * FROM ({found}) ORDER BY _time DESC NULLS LAST, _id LIMIT {limit:d}"  # noqa: S608 -- fixed text and bound values
        given = value if kind == "user" else wanted
        return connection.execute(sql, [one for _ in ways for one in (*bound, given)]).to_arrow_table()

    def _found(self, query: Query, *, ordered: bool = True) -> Iterator[pa.Table]:
        wanted = Wanted({self._tenant}, query.start, query.end, query.ids)
        where, values = where_of(query.model_copy(update={"ids": ()}), "coalesce(_fields, _raw)")
        if query.ids:  # written out: only without a join does DuckDB read what is long last
            where += f" AND _id IN ({', '.join(map(_text, query.ids))})"
        order = "ORDER BY _time NULLS LAST, _source, _row" if ordered else ""
        sql = f"SELECT {_COLUMNS} FROM events WHERE {where} {order} LIMIT {query.limit:d}"  # noqa: S608 -- fixed text, bound values and quoted ids
        for batch in self._over(wanted, long=True).execute(sql, values).to_arrow_reader(2048):
            yield pa.Table.from_batches([batch])

    def _over(self, wanted: Wanted, *, long: bool = False) -> duckdb.DuckDBPyConnection:
        connection = self._database.cursor()
        for statement in statements(self._active.chosen(wanted), "true", ["events"], long=long):
            connection.execute(statement)
        return connection

    def _native(self, row: Mapping[str, Any]) -> Mapping[str, Value]:
        if row["_fields"] is None:
            return self._decode(_logsource(row), row["_raw"])
        return msgspec.json.decode(row["_fields"], type=dict[str, Value])

    def _event(self, row: Mapping[str, Any]) -> Event:
        time: datetime | None = row["_time"]
        fields = {name: value if isinstance(value, str) else tuple(value) for name, value in self._native(row).items()}
        return Event(
            id=row["_id"], time=time.astimezone(UTC) if time else None, host=row["_host"], source=row["_source"], row=row["_row"],
            logsource=_logsource(row), fields=fields,
        )  # fmt: skip

    def _batch(self, source: LogSource, rows: Sequence[Mapping[str, Any]]) -> Batch:
        table = pa.Table.from_pylist([{name: row[name] for name in RESERVED.names} for row in rows], schema=RESERVED)
        native = [self._native(row) for row in rows]
        return Batch(source, with_natives(table, native))


def _logsource(row: Mapping[str, Any]) -> LogSource:
    return LogSource(product=row["_product"], service=row["_service"], event_type=row["_event_type"])


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _q(name: str) -> str:
    return f'"{name}"'
