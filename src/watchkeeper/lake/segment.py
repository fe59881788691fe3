"""Segment: edges settled on disk, as columns that are mapped into memory. Owns the columns, writing one, and finding edges in it.

Nodes stand in the order of their numbers; each has its edges side by side in the order of time (`out`), and again, as places of edges,
those that lead to it (`into`). An edge takes 21 bytes so, and looking at one node reads nothing else. Decision 0018 says why.
"""

import json
import shutil
from bisect import bisect_left, bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Column: TypeAlias = "NDArray[Any]"
NO_TIME = np.iinfo(np.int64).max
"""Stands for no time, so that such edges come last."""
MOST_ROWS = np.iinfo(np.uint32).max
_TYPES = {
    "nodes": np.uint64,
    "out": np.int64,
    "into": np.int64,
    "target": np.uint32,
    "kind": np.uint8,
    "time": np.int64,
    "event": np.uint32,
    "by_target": np.uint32,
    "names": np.uint8,
    "names_at": np.int64,
}
_ABOUT = "segment.json"


@dataclass(frozen=True, slots=True)
class Told:
    """What a segment says about itself."""

    kinds: tuple[str, ...]
    """What edges do; `kind` holds places in it."""
    parts: tuple[str, ...]
    """Names of the parts of kept events."""
    starts: tuple[int, ...]
    """For each part, the `event` of its row 0; and after the last, how many rows there are."""


class Segment:
    """One segment, opened for reading."""

    def __init__(self, folder: Path) -> None:
        """Map the columns.

        Raises:
            OSError: the folder lacks a column.
            ValueError: a column is damaged.
        """
        self.folder = folder
        about = json.loads((folder / _ABOUT).read_bytes())
        self.told = Told(tuple(about["kinds"]), tuple(about["parts"]), tuple(about["starts"]))
        columns = {name: _mapped(folder / f"{name}.npy", kind) for name, kind in _TYPES.items()}
        self.nodes, self.out, self.into = columns["nodes"], columns["out"], columns["into"]
        self.target, self.kind, self.time, self.event = (columns[name] for name in ("target", "kind", "time", "event"))
        self.by_target, self.names, self.names_at = columns["by_target"], columns["names"], columns["names_at"]
        self._by_event: Column | None = None
        _fit(self)

    def __len__(self) -> int:
        """Say how many edges there are."""
        return len(self.target)

    def rank(self, node: int) -> int | None:
        """Give the place of a node; none if it has no edge here."""
        place = int(np.searchsorted(self.nodes, np.uint64(node)))
        return place if place < len(self.nodes) and int(self.nodes[place]) == node else None

    def span(self, rank: int, start: int, end: int, *, back: bool) -> tuple[int, int]:
        """Give from where to where the edges of a node within a time range (µs, both inclusive) lie: in `out`, or in `into` if `back`."""
        first, last = (int(place) for place in (self.into if back else self.out)[rank : rank + 2])
        if back:
            places = range(first, last)
            low = bisect_left(places, start, key=lambda place: int(self.time[self.by_target[place]]))
            high = bisect_right(places, end, lo=low, key=lambda place: int(self.time[self.by_target[place]]))
        else:
            low = int(np.searchsorted(self.time[first:last], start, "left"))
            high = int(np.searchsorted(self.time[first:last], end, "right"))
        return first + low, first + max(low, high)

    def places(self, low: int, high: int, *, back: bool) -> Column:
        """Give the edges that lie there."""
        return self.by_target[low:high] if back else np.arange(low, high, dtype=np.uint32)

    def are(self, places: Column, only: Set[str], without: Set[str]) -> Column:
        """Say which edges are of these kinds, every kind if there are none, and not of those."""
        wanted = [(not only or kind in only) and kind not in without for kind in self.told.kinds]
        return np.array(wanted, bool)[self.kind[places]]

    def shown_by(self, parts: Sequence[str], rows: Column) -> tuple[Column, Column]:
        """Give the edges that these events show, and for each the place of its event among those given."""
        starts = dict(zip(self.told.parts, self.told.starts, strict=False))
        base = np.array([starts.get(part, -1) for part in parts], np.int64)
        events = np.where(base < 0, -1, base + rows)
        order = np.argsort(self.event, kind="stable") if self._by_event is None else self._by_event
        self._by_event = order
        held = self.event[order]
        low, high = np.searchsorted(held, events, "left"), np.searchsorted(held, events, "right")
        counts = high - low
        ends = np.cumsum(counts)
        within = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(low - (ends - counts), counts)
        return order[within].astype(np.uint32), np.repeat(np.arange(len(events)), counts)

    def sources(self, places: Column) -> Column:
        """Give the numbers of the nodes that edges come from."""
        return self.nodes[np.searchsorted(self.out, places, "right") - 1]

    def name(self, rank: int) -> tuple[str, str]:
        """Give a node's key and label."""
        text = bytes(self.names[self.names_at[rank] : self.names_at[rank + 1]]).decode(errors="replace")
        key, _, label = text.partition("\0")
        return key, label


def _mapped(path: Path, kind: type[Any]) -> Column:
    column: Column = np.load(path, mmap_mode="r", allow_pickle=False)
    if column.ndim != 1 or column.dtype != np.dtype(kind):
        raise ValueError(f"{str(path)!r} is damaged: it holds {column.dtype} in {column.ndim} dimensions")
    return column


def _fit(segment: Segment) -> None:
    """Refuse columns whose lengths contradict each other: places in one are read from another."""
    nodes, edges = len(segment.nodes), len(segment)
    lengths = (len(segment.kind), len(segment.time), len(segment.event), len(segment.by_target))
    ends = [int(column[-1]) if len(column) else -1 for column in (segment.out, segment.into, segment.names_at)]
    offsets = (len(segment.out), len(segment.into), len(segment.names_at))
    if any(length != edges for length in lengths) or any(length != nodes + 1 for length in offsets):
        raise ValueError(f"the edges in {str(segment.folder)!r} are damaged: columns differ in length; build them again")
    if ends != [edges, edges, len(segment.names)] or len(segment.told.starts) != len(segment.told.parts) + 1:
        raise ValueError(f"the edges in {str(segment.folder)!r} are damaged: a column is cut short; build them again")


def opened(folder: Path, name: str, length: int) -> Column:
    """Make a column of a segment that is being written, mapped into memory."""
    if not length:  # nothing can be mapped of an empty file
        np.save(folder / f"{name}.npy", np.empty(0, _TYPES[name]))
        return np.empty(0, _TYPES[name])
    return np.lib.format.open_memmap(folder / f"{name}.npy", "w+", _TYPES[name], (length,))


def saved(folder: Path, name: str, column: Column) -> None:
    """Write a column whole."""
    np.save(folder / f"{name}.npy", column.astype(_TYPES[name], copy=False))


def settled(unfinished: Path, told: Told, place: Path) -> Segment:
    """Say what the segment is about and put it in its place, at once."""
    (unfinished / _ABOUT).write_text(json.dumps({"kinds": told.kinds, "parts": told.parts, "starts": told.starts}), "utf-8")
    shutil.rmtree(place, ignore_errors=True)
    unfinished.rename(place)
    return Segment(place)


def offsets(degrees: Column) -> Column:
    """Give where the edges of each node begin, and where the last ones end."""
    found = np.zeros(len(degrees) + 1, np.int64)
    np.cumsum(degrees, out=found[1:])
    return found


def micros(edges: pa.Table) -> Column:
    """Give the times of edges in µs, `NO_TIME` for those without."""
    times: Any = edges.column("time")
    return times.cast(pa.int64()).fill_null(int(NO_TIME)).to_numpy()
