"""Searching kept events with DuckDB. Owns the translation of `Query` to SQL; values are bound, never spliced."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa

from watchkeeper.lake.edge_writer import GRAPH
from watchkeeper.lake.graph import Graph
from watchkeeper.lake.kept import KEPT_SCHEMA, Keeper
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "threads": 2,
    "autoinstall_known_extensions": False,  # nothing is ever fetched
    "autoload_known_extensions": False,
}
"""Of every database: bounded, and nothing is fetched."""
_COLUMNS = "_id, _time, _host, _source, _row, _product, _service, _event_type, _fields"


class Kept:
    """The events in one folder of Parquet parts, for reading."""

    def __init__(self, folder: Path) -> None:
        """Open the folder; a folder without parts answers every query with nothing."""
        self._parts = [str(part) for part in sorted(folder.glob("*.parquet"))]
        self._database = duckdb.connect(config=CONFIG)
        if self._parts:
            self._database.read_parquet(self._parts, filename=True, file_row_number=True).create_view("kept")
        self._graph = Graph(folder / GRAPH)

    def close(self) -> None:
        """Give the database's memory back."""
        self._database.close()

    def search(self, query: Query) -> Iterator[Event]:
        """Yield events in time order, those without a time last."""
        if not self._parts:
            return
        where, values = where_of(query)
        sql = f"SELECT {_COLUMNS} FROM kept WHERE {where} ORDER BY _time NULLS LAST, _source, _row LIMIT {query.limit:d}"  # noqa: S608 -- fixed text and bound values
        for batch in self._database.execute(sql, values).to_arrow_reader(2048):
            yield from _events(batch)

    def at(self, parts: Sequence[str], rows: Sequence[int]) -> Iterator[Event]:
        """Yield the events in these rows of these parts, in time order."""
        paths = {Path(part).name: part for part in self._parts}
        wanted: dict[str, set[int]] = {}
        for part, row in zip(parts, rows, strict=True):
            if part in paths:
                wanted.setdefault(paths[part], set()).add(row)
        found: list[Event] = []
        for path, places in sorted(wanted.items()):
            relation = self._database.read_parquet(path, file_row_number=True)
            relation.create_view("one_part", replace=True)
            sql = f"SELECT {_COLUMNS} FROM one_part WHERE file_row_number IN (SELECT unnest(?::BIGINT[]))"  # noqa: S608 -- fixed text and bound values
            for batch in self._database.execute(sql, [sorted(places)]).to_arrow_reader(2048):
                found += _events(batch)
        yield from sorted(
            found, key=lambda event: (event.time is None, event.time or datetime.min.replace(tzinfo=UTC), event.source, event.row)
        )

    def beginning(self, text: str, most: int) -> list[str]:
        """Give ids of events that begin so, in their order, at most so many."""
        if not self._parts:
            return []
        found = self._database.execute(f"SELECT _id FROM kept WHERE starts_with(_id, ?) ORDER BY _id LIMIT {most:d}", [text.lower()])  # noqa: S608 -- fixed text and bound values
        return [str(id_) for (id_,) in found.fetchall()]

    def hosts(self) -> list[str]:
        """Give every host that an event is about."""
        found = self._database.execute("SELECT DISTINCT _host FROM kept WHERE _host <> '' ORDER BY 1").fetchall() if self._parts else []
        return [str(host) for (host,) in found]

    def span(self) -> tuple[datetime | None, datetime | None]:
        """Give the time of the first and the last event, UTC; none where no event has a time."""
        if not self._parts:
            return None, None
        row = self._database.execute("SELECT min(epoch_us(_time)), max(epoch_us(_time)) FROM kept").fetchone()
        first, last = row or (None, None)
        return _moment(first), _moment(last)

    def copy(self, queries: Iterable[Query], into: Keeper) -> int:
        """Keep the events that any of the queries asks for, each once, with their edges, and say how many; limits of the queries hold."""
        if not self._parts:
            return 0
        self._database.execute("CREATE OR REPLACE TEMP TABLE wanted (_id VARCHAR)")
        for query in queries:
            where, values = where_of(query)
            sql = f"INSERT INTO wanted SELECT _id FROM kept WHERE {where} ORDER BY _time NULLS LAST LIMIT {query.limit:d}"  # noqa: S608 -- fixed text and bound values
            self._database.execute(sql, values)
        copied = 0
        chosen = self._database.execute("SELECT * FROM kept WHERE _id IN (SELECT _id FROM wanted) ORDER BY _time NULLS LAST, _source, _row")
        for batch in chosen.to_arrow_reader(8192):
            table = pa.Table.from_batches([batch])
            parts = [Path(str(name)).name for name in table.column("filename").to_pylist()]
            shown = self._graph.shown_by(parts, table.column("file_row_number").to_numpy())
            into.add_kept(table.select(KEPT_SCHEMA.names).cast(KEPT_SCHEMA), shown)
            copied += batch.num_rows
        into.flush()
        return copied


def where_of(query: Query, text: str = "_fields") -> tuple[str, list[object]]:
    """Give a query's conditions in SQL and the values they are bound to; `text` is what mentions are looked for in."""
    conditions: list[str] = ["true"]
    values: list[object] = []

    def need(condition: str, *bound: object) -> None:
        conditions.append(condition)
        values.extend(bound)

    if query.ids:
        # one text cut apart by the database: for each value that is bound, DuckDB looks for a pandas that is not there
        need("_id IN (SELECT unnest(string_split(?, chr(10))))", "\n".join(query.ids))
    if query.hosts:
        need("_host IN (SELECT unnest(?::VARCHAR[]))", list(query.hosts))
    if query.start:
        need("_time >= make_timestamptz(?::BIGINT)", _micros(query.start))
    if query.end:
        need("_time <= make_timestamptz(?::BIGINT)", _micros(query.end))
    if query.logsources:
        need(
            "(" + " OR ".join([_ONE_SOURCE] * len(query.logsources)) + ")", *(part for s in query.logsources for part in _source_values(s))
        )
    if query.without:
        need("_product NOT IN (SELECT unnest(?::VARCHAR[]))", list(query.without))
    if query.mentions:
        need(f"regexp_matches({text}, ?)", "(?i)" + "|".join(re.escape(_as_json(text)) for text in query.mentions))
    return " AND ".join(conditions), values


_ONE_SOURCE = "(_product = ? AND (? = '' OR _service = ?) AND (? = '' OR _event_type = ?))"


def _source_values(source: LogSource) -> tuple[str, ...]:
    return source.product, source.service, source.service, source.event_type, source.event_type


def _as_json(text: str) -> str:
    return msgspec.json.encode(text).decode()[1:-1]


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else datetime.fromtimestamp(micros / 1_000_000, UTC)


def _events(batch: pa.RecordBatch) -> Iterator[Event]:
    for row in batch.to_pylist():
        time: datetime | None = row["_time"]
        yield Event(
            id=row["_id"],
            time=time.astimezone(UTC) if time else None,
            host=row["_host"],
            source=row["_source"],
            row=row["_row"],
            logsource=LogSource(product=row["_product"], service=row["_service"], event_type=row["_event_type"]),
            fields=msgspec.json.decode(row["_fields"], type=dict[str, str | tuple[str, ...]]),
        )
