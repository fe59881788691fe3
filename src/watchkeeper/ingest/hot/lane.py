"""Windows events in JSON lines, straight to stored columns. Owns the way of one body through the kernel; what it leaves is the readers'.

body ─► pieces of a megabyte ─► marks ─► events ─► table, at the end or when the buffers are full
                                            │ a kind or a value not known: learn it, go on from that line
                                            └ odd lines: left over
"""

from collections.abc import Callable
from typing import cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.ingest.arrived_lines import Line
from watchkeeper.ingest.hot import kernels_events as kernels
from watchkeeper.ingest.hot.columns import Columns
from watchkeeper.ingest.hot.kinds import Kinds
from watchkeeper.ingest.hot.names import Names
from watchkeeper.ingest.hot.values import PLACES, Values
from watchkeeper.ingest.identity import ArrivedIds
from watchkeeper.jsonlines import kernels_json as shapes
from watchkeeper.model.received import Received
from watchkeeper.model.stored import STORED_SCHEMA

U = np.uint64
PIECE_BYTES = 1 << 20
READERS = frozenset({"", "windows_json", "json_records"})
"""Readers of a sender whose lines may be looked at here."""
_PADDING = 256
_BLANK = b" \t\r"


class HotLane:
    """Makes stored events of the lines that are plain Windows events."""

    def __init__(self, places: int = PLACES) -> None:
        """Take how many places the table of values has, a power of two."""
        self._places = places
        self._buffer = np.zeros(2 * PIECE_BYTES + _PADDING, np.uint8)
        self._marks = np.empty(2 * PIECE_BYTES + _PADDING, np.uint32)
        self._missing = np.zeros(5, np.int64)
        self._start()
        self._columns = Columns(self._kinds.column_kinds)

    def _start(self) -> None:
        """Know no names, kinds or values."""
        self._values = Values(self._places)
        self._names = Names(self._values.secret)
        self._kinds = Kinds(self._names, self._values)

    def events(self, received: Received, sequence: int) -> tuple[pa.Table, list[Line]]:
        """Give the events of the plain lines in `STORED_SCHEMA`, and the other lines with their places, for the slow lane.

        `sequence` is the number of what was received in the journal. Columns are what the slow lane would give; `_fields` is null.
        """
        run = _Run(received, ArrivedIds(received.sender.id, sequence, received.ids))
        if received.sender.reader not in READERS:
            run.leave(received.body, 0)
            return run.table(), run.left
        place, start, body = 0, 0, received.body
        while start < len(body):
            end = _piece_end(body, start)
            if end - start > 2 * PIECE_BYTES:
                run.leave(body[start:end], place)
                place += 1
            else:
                place = self._piece(memoryview(body)[start:end], place, run)
            start = end
        self._settle(run)
        return run.table(), run.left

    def _piece(self, data: memoryview, place: int, run: "_Run") -> int:
        """Go through whole lines, of which the first has this place; give the place of the line after them."""
        size = len(data)
        self._buffer[:size] = np.frombuffer(data, np.uint8)
        self._buffer[size : size + _PADDING] = 0
        known = shapes.marks(U(self._buffer.ctypes.data), U(size), self._marks)
        run.state[:3] = 0, 0, place
        reason = -1
        while reason != kernels.DONE:
            reason = self._pass(size, known, run.state)
            if reason == kernels.NEW_KIND:
                self._learn_kind(run)
            elif reason == kernels.NEW_VALUE:
                self._learn_value(run)
            else:
                self._leave(run)
            if reason == kernels.NO_ROOM:
                self._settle(run)
        return int(run.state[2])

    def _pass(self, size: int, known: int, state: NDArray[np.int64]) -> int:
        names, kinds, values, columns = self._names, self._kinds, self._values, self._columns
        events = cast("Callable[..., int]", kernels.events)
        return events(
            U(self._buffer.ctypes.data), U(size), self._marks, known, values.secret, names.table, names.values, names.count,
            kinds.table, kinds.numbers, kinds.flags, kinds.columns_at, kinds.candidates, names.natives_at, names.native_keys,
            names.form_keys, names.form_natives, names.system, names.times,
            names.words, names.words_at, names.nothing, names.nxlog, names.said,
            values.keys, values.ids, values.elements_at, values.elements, values.numbers, values.spelt,
            kinds.column_kinds, kinds.column_slots, kinds.host,
            columns.texts, columns.ends, columns.given, columns.whole, columns.lists, columns.elements, columns.raw, columns.raw_ends,
            columns.moments, columns.places, columns.kinds, columns.odd, state, self._missing,
        )  # fmt: skip

    def _learn_kind(self, run: "_Run") -> None:
        if self._kinds.is_full:
            self._forget(run)
        form, channel, channel_size, event_id, event_id_size = self._missing.tolist()
        self._kinds.learn(form, self._bytes(channel, channel_size), self._bytes(event_id, event_id_size))

    def _learn_value(self, run: "_Run") -> None:
        program, begin, size = self._missing[:3].tolist()
        if self._values.is_full:
            self._forget(run)
        else:
            self._values.learn(program, self._bytes(begin, size))

    def _forget(self, run: "_Run") -> None:
        """Start anew, after what was found so far is put away, for it is told in kinds."""
        self._settle(run)
        self._start()

    def _leave(self, run: "_Run") -> None:
        """Put away the lines that are left to the readers."""
        odd = int(run.state[4])
        run.left.extend(Line(place, self._bytes(begin, end - begin)) for begin, end, place in self._columns.odd[:odd].tolist())
        run.state[4] = 0

    def _settle(self, run: "_Run") -> None:
        """Make a table of the events so far."""
        self._leave(run)
        count = int(run.state[3])
        if count:
            run.tables.append(self._columns.table(count, self._kinds, run.received, run.ids))
        run.state[3] = 0

    def _bytes(self, begin: int, size: int) -> bytes:
        return self._buffer[begin : begin + size].tobytes()


class _Run:
    """What has come of one body so far."""

    def __init__(self, received: Received, ids: ArrivedIds) -> None:
        self.received, self.ids = received, ids
        self.state = np.zeros(5, np.int64)
        self.tables: list[pa.Table] = []
        self.left: list[Line] = []

    def leave(self, lines: bytes, place: int) -> None:
        """Leave lines to the readers, of which the first has this place."""
        self.left.extend(Line(place + at, line) for at, line in enumerate(lines.split(b"\n")) if line.strip(_BLANK))

    def table(self) -> pa.Table:
        return pa.concat_tables(self.tables) if self.tables else STORED_SCHEMA.empty_table()


def _piece_end(body: bytes, start: int) -> int:
    """Give the end of the last line that ends within a piece, or of the first if that is longer."""
    if start + PIECE_BYTES >= len(body):
        return len(body)
    end = body.rfind(b"\n", start, start + PIECE_BYTES)
    if end < 0:
        end = body.find(b"\n", start + PIECE_BYTES)
    return len(body) if end < 0 else end + 1
