"""A correlation in a stream: its windows, and the rows of the events in them. Owns which rows are still needed; windows judge."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.detection.measures import Hit
from watchkeeper.detection.sigma import Correlation
from watchkeeper.detection.window import Begun, Crossing, Found, Windows

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
HitsOf = Callable[[pa.Table], Iterator[Hit]]
"""Gives the hits of rows in time order; each says at which row it is."""


class Running:
    """One correlation that takes in events as time goes on."""

    def __init__(self, correlation: Correlation, hits_of: HitsOf, schema: pa.Schema) -> None:
        """Take the correlation, how rows are read, and their schema; nothing is counted yet."""
        self.rows = schema.empty_table()
        self._span_us = correlation.timespan // timedelta(microseconds=1)
        self._windows = Windows(correlation)
        self._hits_of = hits_of
        self._first = 0

    @property
    def begun(self) -> tuple[Begun, ...]:
        """The bursts that were told and still matter."""
        return tuple(self._windows.begun)

    def resume(self, rows: pa.Table, begun: Iterable[Begun]) -> None:
        """Go on where another stood with these rows and bursts."""
        self.rows = rows
        self._windows.resume(self._hits_of(rows), begun)

    def take(self, table: pa.Table) -> Found:
        """Take in rows in time order that come after all before; give what is found, by places in `rows`."""
        begins = self._first + self.rows.num_rows
        self.rows = pa.concat_tables([self.rows, table])
        found = self._windows.take(hit._replace(place=begins + hit.place) for hit in self._hits_of(table))
        return Found([self._here(one) for one in found.crossings], [place - self._first for place in found.holding])

    def forget(self, until_us: int) -> None:
        """Let go of what cannot count for events after a time, µs since 1970."""
        times = cast("Any", self.rows.column("time").cast(pa.int64()).combine_chunks()).to_numpy(zero_copy_only=False)
        gone = int(times.searchsorted(until_us - self._span_us, side="right"))
        self.rows = self.rows.slice(gone)
        self._first += gone
        self._windows.forget(until_us)

    def _here(self, crossing: Crossing) -> Crossing:
        return replace(crossing, place=crossing.place - self._first, counted=tuple(place - self._first for place in crossing.counted))
