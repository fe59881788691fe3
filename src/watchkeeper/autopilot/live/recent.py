"""Recent signals: those of the sessions that still count, in numbered parts that are saved once each. Owns joining and forgetting parts.

A part joins the one before it when that is not much larger, so that there are few parts and each signal is written few times.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute

from watchkeeper.model.signal import FOLDED_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
MOST_SIGNALS = 500_000
"""Signals of one tenant, about 300 bytes each; the oldest go first when there are more, and are counted."""
LARGEST_PART = 50_000


@dataclass(frozen=True, slots=True)
class Turned:
    """What has to be saved since the last time."""

    made: Mapping[int, bytes] = field(default_factory=dict[int, bytes])
    """New parts by number, as compressed Arrow streams."""
    gone: tuple[int, ...] = ()
    """Numbers of parts that are no longer needed."""


class Recent:
    """Folded signals of one tenant (`FOLDED_SCHEMA`), in the order in which they came."""

    def __init__(self, parts: Mapping[int, bytes] | None = None) -> None:
        """Go on with saved parts.

        Raises:
            ValueError: a part is not what `turn` gave.
        """
        self._parts = {number: _read(content) for number, content in sorted((parts or {}).items())}
        self._saved = set(self._parts)
        self._fresh: list[pa.Table] = []
        self.beyond = 0

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the parts, as `turn` joined them last."""
        return tuple(sorted(self._parts))

    def add(self, signals: pa.Table) -> None:
        """Take in signals that came after all others."""
        if signals.num_rows:
            self._fresh.append(signals)

    def table(self) -> pa.Table:
        """Give all of them."""
        return pa.concat_tables([FOLDED_SCHEMA.empty_table(), *self._parts.values(), *self._fresh])

    def forget(self, in_sight: Collection[str]) -> None:
        """Let go of the signals of all sessions but these."""
        wanted = pa.array(list(in_sight), pa.string())
        for number, part in list(self._parts.items()):
            staying = part.filter(pc.is_in(part.column("session"), value_set=wanted))
            if staying.num_rows <= part.num_rows // 2:
                del self._parts[number]
                self._fresh[:0] = [staying] if staying.num_rows else []

    def turn(self) -> Turned:
        """Give what has to be saved; `saved` says that it was."""
        if self._fresh:
            self._join(pa.concat_tables(self._fresh))
            self._fresh = []
        self._bound()
        made = {number: _written(part) for number, part in self._parts.items() if number not in self._saved}
        return Turned(made, tuple(sorted(self._saved - self._parts.keys())))

    def saved(self, turned: Turned) -> None:
        """Take note that this was saved."""
        self._saved = self._saved.union(turned.made).difference(turned.gone)

    def _join(self, part: pa.Table) -> None:
        number = max((*self._parts, *self._saved), default=0) + 1
        while self._parts:
            last = max(self._parts)
            rows = self._parts[last].num_rows
            if rows > 2 * part.num_rows or rows + part.num_rows > LARGEST_PART:
                break
            part = pa.concat_tables([self._parts.pop(last), part])
        self._parts[number] = part.combine_chunks()

    def _bound(self) -> None:
        rows = sum(part.num_rows for part in self._parts.values())
        for number in sorted(self._parts):
            if rows <= MOST_SIGNALS:
                return
            gone = self._parts.pop(number).num_rows
            rows, self.beyond = rows - gone, self.beyond + gone


def _written(part: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, FOLDED_SCHEMA, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(part)
    return sink.getvalue().to_pybytes()


def _read(content: bytes) -> pa.Table:
    try:
        return pa.ipc.open_stream(content).read_all().cast(FOLDED_SCHEMA)
    except (pa.ArrowException, ValueError) as error:
        raise ValueError(f"these are not signals that were kept by this version: {error}") from error
