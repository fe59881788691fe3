"""Observing: batches in, what they named out (`OBSERVED_SCHEMA`), so that tomorrow's indicators find yesterday's events. Owns the counting.

Columns wait until many events are together; then each different text is taken apart once, and only values, hosts and counts stay.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute

from watchkeeper.detection.intel.observables import columns_of, observables
from watchkeeper.model.batch import Batch
from watchkeeper.model.observed import OBSERVED_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know no chunked arrays in these places
MOST_WAITING_ROWS = 100_000
MOST_WAITING_BYTES = 64 << 20
_EVENT = ("_id", "_time", "_host", "_source", "_row")
_PAIR = pa.struct([pa.field("kind", pa.string()), pa.field("value", pa.string())])


class Observer:
    """Holds columns until they are counted."""

    def __init__(self) -> None:
        """Nothing was observed yet."""
        self._events: list[pa.Table] = []
        self._texts: dict[str, list[tuple[int, Any]]] = {}
        self._rows = self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether so much waits that it should be taken out."""
        return self._rows >= MOST_WAITING_ROWS or self._bytes >= MOST_WAITING_BYTES

    def take(self, batch: Batch) -> None:
        """Take in a batch."""
        for _, text_kind, column in columns_of(batch):
            self._texts.setdefault(text_kind, []).append((self._rows, column))
            self._bytes += column.nbytes
        self._events.append(batch.table.select(list(_EVENT)))
        self._rows += batch.table.num_rows

    def taken_out(self) -> pa.Table:
        """Give what was observed since the last time (`OBSERVED_SCHEMA`), by kind and value, and forget it."""
        if not self._events:
            return OBSERVED_SCHEMA.empty_table()
        events = pa.concat_tables(self._events).combine_chunks()
        hosts = cast("Any", events.column("_host").combine_chunks()).dictionary_encode()
        micros = events.column("_time").combine_chunks().cast(pa.int64())
        tables = [_counted(text_kind, columns, hosts, micros) for text_kind, columns in self._texts.items()]
        self._events, self._texts, self._rows, self._bytes = [], {}, 0, 0
        found = pa.concat_tables([table for table in tables if table is not None] or [_empty()])
        grouped = found.group_by(["kind", "value", "host"], use_threads=False).aggregate(
            [("count", "sum"), ("first", "min"), ("last", "max"), ("at", "min")]
        )
        return _named(grouped, events, hosts)


def _counted(text_kind: str, columns: Sequence[tuple[int, Any]], hosts: Any, micros: Any) -> pa.Table | None:
    """Count each text on each host, then give each value that is in it."""
    texts, places = zip(*(_flat(offset, column) for offset, column in columns), strict=True)
    encoded = cast("Any", pa.chunked_array(texts, pa.string()).combine_chunks()).dictionary_encode()
    at = np.concatenate(places)
    if not len(at):
        return None
    codes = hosts.indices.to_numpy()[at].astype(np.int64)
    keys = encoded.indices.to_numpy().astype(np.int64) * len(hosts.dictionary) + codes
    table = pa.table({"key": keys, "time": micros.take(cast("Any", pa.array(at))), "at": at})
    grouped = table.group_by("key", use_threads=False).aggregate([("key", "count"), ("time", "min"), ("time", "max"), ("at", "min")])
    key = grouped.column("key").to_numpy()
    pairs = [observables(text_kind, text) for text in cast("list[str]", encoded.dictionary.to_pylist())]
    taken: Any = cast("Any", pa.array(pairs, pa.list_(_PAIR))).take(pa.array(key // len(hosts.dictionary)))
    groups = pc.list_parent_indices(taken)
    flat = pc.list_flatten(taken)
    columns_of: dict[str, Any] = {
        "kind": pc.struct_field(flat, 0),
        "value": pc.struct_field(flat, 1),
        "host": pa.array(key % len(hosts.dictionary), pa.int64()).take(groups),
        "count": grouped.column("key_count").combine_chunks().take(groups),
        "first": grouped.column("time_min").combine_chunks().take(groups),
        "last": grouped.column("time_max").combine_chunks().take(groups),
        "at": grouped.column("at_min").combine_chunks().take(groups),
    }
    return pa.table(columns_of, schema=_COUNTED)


_COUNTED = pa.schema(
    [
        pa.field("kind", pa.string()),
        pa.field("value", pa.string()),
        pa.field("host", pa.int64()),
        pa.field("count", pa.int64()),
        pa.field("first", pa.int64()),
        pa.field("last", pa.int64()),
        pa.field("at", pa.int64()),
    ]
)


def _empty() -> pa.Table:
    return _COUNTED.empty_table()


def _flat(offset: int, column: Any) -> tuple[Any, Any]:
    """Give the texts of a column and the place of the event that each is of."""
    whole = column.combine_chunks()
    if pa.types.is_list(whole.type):
        places = pc.list_parent_indices(whole).to_numpy(zero_copy_only=False)
        whole = pc.list_flatten(whole)
    else:
        places = np.arange(len(whole), dtype=np.int64)
    valid = whole.is_valid().to_numpy(zero_copy_only=False)
    return whole.drop_null(), places[valid] + offset


def _named(grouped: pa.Table, events: pa.Table, hosts: Any) -> pa.Table:
    """Put hosts, times and events in the place of their numbers."""
    cited = events.select(["_id", "_source", "_row"]).take(grouped.column("at_min").combine_chunks())
    time = pa.timestamp("us", tz="UTC")
    columns: list[Any] = [
        grouped.column("kind"),
        grouped.column("value"),
        hosts.dictionary.take(grouped.column("host").combine_chunks()),
        grouped.column("count_sum"),
        grouped.column("first_min").cast(time),
        grouped.column("last_max").cast(time),
        *cited.columns,
    ]
    order: Any = [("kind", "ascending"), ("value", "ascending"), ("host", "ascending")]
    return pa.table(columns, schema=OBSERVED_SCHEMA).sort_by(order)
