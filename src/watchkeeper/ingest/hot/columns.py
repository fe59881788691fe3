"""Buffers that the kernel fills, and the table of stored events that comes of them. Owns their sizes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow
from numpy.typing import NDArray

from watchkeeper.ingest.hot import kernels_events as kernels
from watchkeeper.ingest.hot.kinds import CLASS, COLUMNS, Kinds
from watchkeeper.ingest.identity import ArrivedIds
from watchkeeper.model.received import Received
from watchkeeper.model.stored import HASHES, STORED_SCHEMA

pa: Any = pyarrow  # its shipped types know no buffers in these places
MOST_EVENTS = 1 << 14
"""Events of one table."""
RAW_BYTES, TEXT_BYTES = 24 << 20, 4 << 20
"""Bytes of all lines of a table, and of each column; a line is shorter than either."""
_MOST_ELEMENTS = 1 << 17
_SLACK = 256
_DAY_MICROSECONDS = 86_400_000_000
_DAY, _MOMENT = pa.date32(), pa.timestamp("us", tz="UTC")


class Columns:
    """What the kernel writes into."""

    def __init__(self, kinds: NDArray[np.int64]) -> None:
        """Take what each column holds."""
        texts, numbers = (int((kinds == what).sum()) for what in (kernels.TEXT, kernels.NUMBER))
        self.texts = np.empty((texts + 1, TEXT_BYTES + _SLACK), np.uint8)
        self.ends = np.zeros((texts, MOST_EVENTS + 1), np.int32)
        self.given = np.zeros((len(kinds), MOST_EVENTS), np.uint8)
        self.whole = np.zeros((numbers, MOST_EVENTS), np.int64)
        self.lists = np.zeros(MOST_EVENTS + 1, np.int32)
        self.elements = np.zeros(_MOST_ELEMENTS, np.int32)
        self.raw = np.empty(RAW_BYTES + _SLACK, np.uint8)
        self.raw_ends = np.zeros(MOST_EVENTS + 1, np.int32)
        self.moments = np.zeros(MOST_EVENTS, np.int64)
        self.places = np.zeros(MOST_EVENTS, np.int64)
        self.kinds = np.zeros(MOST_EVENTS, np.int32)
        self.odd = np.zeros((MOST_EVENTS, 3), np.int64)

    def table(self, count: int, kinds: Kinds, received: Received, ids: ArrivedIds) -> pyarrow.Table:
        """Give the first events as a table of `STORED_SCHEMA`, which takes no part of the buffers with it."""
        of = self.kinds[:count]
        sources = kinds.sources
        columns: dict[str, Any] = {
            "_tenant": _same(received.sender.tenant, count),
            "_day": _flat((self.moments[:count] // _DAY_MICROSECONDS).astype(np.int32), _DAY),
            "_id": ids.of_all(self.places[:count]),
            "_time": _flat(self.moments[:count], _MOMENT),
            "_source": _same(received.sender.name, count),
            "_row": _flat(self.places[:count], pa.int64()),
            "_raw": _texts(self.raw_ends[: count + 1], self.raw, None),
            "_received": _flat(np.full(count, received.time), _MOMENT),
            "_product": _same("windows", count),
            "_service": _chosen([source.service for source in sources], of),
            "_event_type": _chosen([source.event_type for source in sources], of),
            "_fields": pa.nulls(count, pa.string()),
            CLASS: _flat(np.array(kinds.classes, np.int64)[of] if count else np.zeros(0, np.int64), pa.int64()),
        }
        for column, (name, what, slot) in enumerate(zip(COLUMNS, kinds.column_kinds.tolist(), kinds.column_slots.tolist(), strict=True)):
            columns[name] = self._column(column, what, slot, count)
        return pa.Table.from_arrays([columns[name] for name in STORED_SCHEMA.names], schema=STORED_SCHEMA)

    def _column(self, column: int, what: int, slot: int, count: int) -> Any:
        given = self.given[column, :count]
        if not given.any():
            return pa.nulls(count, STORED_SCHEMA.field(COLUMNS[column]).type)
        held = None if given.all() else pa.py_buffer(np.packbits(given, bitorder="little").tobytes())
        if what == kernels.TEXT:
            return _texts(self.ends[slot, : count + 1], self.texts[slot], held)
        if what == kernels.NUMBER:
            return pa.Array.from_buffers(pa.int64(), count, [held, pa.py_buffer(self.whole[slot, :count].tobytes())])
        used = int(self.lists[count])
        values = _texts(self.elements[: used + 1], self.texts[-1], None)
        offsets = pa.py_buffer(self.lists[: count + 1].tobytes())
        return pa.Array.from_buffers(STORED_SCHEMA.field(HASHES).type, count, [held, offsets], children=[values])


def _texts(ends: NDArray[np.int32], data: NDArray[np.uint8], held: Any) -> Any:
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends.tobytes()), pa.py_buffer(data[: ends[-1]].tobytes()), held)


def _flat(values: NDArray[Any], kind: Any) -> Any:
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values.tobytes())])


def _same(text: str, count: int) -> Any:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _chosen(texts: Sequence[str], of: NDArray[np.int32]) -> Any:
    return pa.array(texts, pa.string()).take(pa.array(of))
