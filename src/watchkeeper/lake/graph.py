"""The stored graph: edges of a thing in milliseconds. Owns asking every segment and joining the answers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa

from watchkeeper.lake.edge_writer import Edges
from watchkeeper.lake.segment import NO_TIME, Column, Segment, micros
from watchkeeper.model.edges import EDGES, FOUND, THINGS, Around

_EARLIEST = np.iinfo(np.int64).min


class Graph:
    """Every segment in a folder, for reading; nothing is read before it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Open the segments; a folder without any answers with nothing.

        Raises:
            OSError: a segment lacks a column.
            ValueError: a segment is damaged.
        """
        self._segments = [Segment(path) for path in sorted(folder.glob("part-*")) if path.is_dir()]

    def __len__(self) -> int:
        """Say how many edges there are."""
        return sum(len(segment) for segment in self._segments)

    def edges(self, thing: int, around: Around) -> tuple[pa.Table, int]:
        """Give a thing's edges in the order asked for (`FOUND`), and how many there are in that time without the limit."""
        start, end = _bound(around.start, _EARLIEST), _bound(around.end, int(NO_TIME))
        found: list[tuple[Segment, Column]] = []
        total = 0
        for segment in self._segments:
            rank = segment.rank(thing)
            if rank is None:
                continue
            places = segment.places(*segment.span(rank, start, end, back=around.back), back=around.back)
            if around.only or around.without:
                places = places[segment.are(places, around.only, around.without)]
            total += len(places)
            found.append((segment, places[max(0, len(places) - around.limit) :] if around.newest else places[: around.limit]))
        return _together(found, around), total

    def shown_by(self, parts: Sequence[str], rows: Column) -> Edges:
        """Give the edges that these events show, with the place of the event among those given as their row, and the things in them."""
        found, things = [EDGES.empty_table()], dict[int, tuple[str, str]]()
        for segment in self._segments:
            edges, places = segment.shown_by(parts, rows)
            if len(edges):
                table = _read(segment, edges)
                found.append(table.select(EDGES.names).set_column(4, "row", pa.array(places.astype(np.int64))))
        edges = pa.concat_tables([table.cast(EDGES) for table in found])
        for thing in _ends(edges):
            things[thing] = self.name(thing)
        columns = [pa.array(list(things), pa.uint64()), *(pa.array([name[at] for name in things.values()], pa.string()) for at in (0, 1))]
        return edges, pa.Table.from_arrays(columns, schema=THINGS)

    def name(self, thing: int) -> tuple[str, str]:
        """Give a thing's key and label; nothing for one that has no edge."""
        names = (segment.name(rank) for segment in self._segments if (rank := segment.rank(thing)) is not None)
        return max(names, key=lambda name: len(name[1]), default=("", ""))

    def keys(self, beginning: str, most: int) -> Iterator[str]:
        """Yield keys that begin so, in no order, at most so many; this reads every name."""
        pattern = re.compile(re.escape(beginning.encode()))
        seen: set[str] = set()
        for segment in self._segments:
            for match in pattern.finditer(memoryview(cast("Any", segment.names))):
                rank = int(np.searchsorted(segment.names_at, match.start(), "right")) - 1
                key = segment.name(rank)[0]
                if match.start() == segment.names_at[rank] and key not in seen:
                    seen.add(key)
                    yield key
                if len(seen) >= most:
                    return


def _ends(edges: pa.Table) -> list[int]:
    ends: list[Column] = [edges.column(name).to_numpy() for name in ("source", "target")]
    return np.unique(np.concatenate(ends)).tolist()


def _bound(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else round(moment.timestamp() * 1_000_000)


def _together(found: Iterable[tuple[Segment, Column]], around: Around) -> pa.Table:
    tables = [_read(segment, places) for segment, places in found if len(places)]
    if not tables:
        return FOUND.empty_table()
    table = pa.concat_tables(tables)
    order = np.argsort(micros(table), kind="stable")
    return table.take((order[::-1] if around.newest else order)[: around.limit])


def _read(segment: Segment, places: Column) -> pa.Table:
    events = segment.event[places].astype(np.int64)
    starts = np.array(segment.told.starts[:-1])
    parts = np.searchsorted(starts, events, "right") - 1
    times = segment.time[places]
    columns: list[Any] = [
        pa.array(segment.sources(places).astype(np.uint64)),
        pa.array(segment.nodes[segment.target[places]].astype(np.uint64)),
        _taken(segment.told.kinds, segment.kind[places]),
        pa.array(times.astype(np.int64), mask=times == NO_TIME).cast(pa.timestamp("us", tz="UTC")),
        _taken(segment.told.parts, parts),
        pa.array(events - starts[parts]),
    ]
    return pa.Table.from_arrays(columns, schema=FOUND)


def _taken(texts: tuple[str, ...], places: Column) -> Any:
    return pa.array(texts, pa.string()).take(places.astype(np.int64))
