"""Joining segments as they grow, so that a reader looks into few. Owns which are joined and how, in bounded memory."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from watchkeeper.lake.segment import MOST_ROWS, Column, Segment, Told, offsets, opened, saved, settled

_TOGETHER = 8
"""So many segments of about the same size become one."""
_SMALLEST, _MOST_EDGES = 1 << 16, 1 << 24
"""Segments up to the first are alike; none gets larger than the second, which bounds the memory that one thing with every edge takes."""
_AT_ONCE = 1 << 19
"""Edges or bytes of names that are worked on at a time."""


def joined(folder: Path, prefix: str = "part-") -> None:
    """Join segments whose names begin so until fewer than eight of any size are left."""
    while (alike := _alike(sorted(folder.glob(f"{prefix}*")))) is not None:
        _join(alike, folder)


def _alike(paths: Sequence[Path]) -> list[Segment] | None:
    sizes: dict[int, list[Segment]] = {}
    for path in paths:
        segment = Segment(path)
        if len(segment) * _TOGETHER <= _MOST_EDGES:
            tier = int(np.log2(max(len(segment), _SMALLEST) / _SMALLEST) // np.log2(_TOGETHER))
            sizes.setdefault(tier, []).append(segment)
    groups = (group[:_TOGETHER] for _, group in sorted(sizes.items()) if len(group) >= _TOGETHER)
    return next((group for group in groups if sum(segment.told.starts[-1] for segment in group) <= MOST_ROWS), None)


def _join(segments: Sequence[Segment], folder: Path) -> None:
    name = segments[0].folder.name
    unfinished = folder / f".{name}"
    unfinished.mkdir(exist_ok=True)
    told = _told(segments)
    _Joining(segments, unfinished, told).write()
    for segment in segments[1:]:
        shutil.rmtree(segment.folder)
    settled(unfinished, told, folder / name)


def _told(segments: Sequence[Segment]) -> Told:
    kinds = tuple(dict.fromkeys(kind for segment in segments for kind in segment.told.kinds))
    parts = tuple(part for segment in segments for part in segment.told.parts)
    starts, base = list[int](), 0
    for segment in segments:
        starts += [base + start for start in segment.told.starts[:-1]]
        base += segment.told.starts[-1]
    return Told(kinds, parts, (*starts, base))


class _Joining:
    """The columns of several segments on their way into one."""

    def __init__(self, segments: Sequence[Segment], folder: Path, told: Told) -> None:
        self._segments = segments
        self._folder = folder
        self._told = told
        self._nodes = np.unique(np.concatenate([segment.nodes for segment in segments]))
        self._ranks = [np.searchsorted(self._nodes, segment.nodes) for segment in segments]
        bases = np.cumsum([0, *(segment.told.starts[-1] for segment in segments)])
        self._bases = [int(base) for base in bases[:-1]]

    def write(self) -> None:
        """Write every column."""
        saved(self._folder, "nodes", self._nodes)
        self._write_names()
        moved = self._write_edges()
        self._write_ways_back(moved)
        for number in range(len(self._segments)):
            (self._folder / f"moved-{number}.bin").unlink(missing_ok=True)

    def _write_edges(self) -> list[Column]:
        """Write the edges by source and time; give for each segment where its edges went."""
        out = self._offsets("out")
        columns = {name: opened(self._folder, name, int(out[-1])) for name in ("target", "kind", "time", "event")}
        moved = [_scratch(self._folder / f"moved-{number}.bin", len(segment)) for number, segment in enumerate(self._segments)]
        for low, high in _runs(out):
            pieces = [self._edges_of(number, low, high) for number in range(len(self._segments))]
            held = [np.concatenate(column) for column in zip(*(piece[1:] for piece in pieces), strict=True)]
            order = np.lexsort((held[3], held[0]))
            begin = int(out[low])
            for name, column in zip(("target", "kind", "time", "event"), held[1:], strict=True):
                columns[name][begin : begin + len(order)] = column[order]
            went = np.empty(len(order), np.uint32)
            went[order] = np.arange(begin, begin + len(order), dtype=np.uint32)
            at = 0
            for place, piece in zip(moved, pieces, strict=True):
                place[piece[0] : piece[0] + len(piece[1])] = went[at : at + len(piece[1])]
                at += len(piece[1])
        return moved

    def _edges_of(self, number: int, low: int, high: int) -> tuple[int, Column, Column, Column, Column, Column]:
        """Give where the edges of a run of nodes begin in a segment, and their source, target, kind, time and event as they will be."""
        segment, ranks = self._segments[number], self._ranks[number]
        first, last = (int(place) for place in np.searchsorted(ranks, (low, high)))
        begin, end = int(segment.out[first]), int(segment.out[last])
        source = np.repeat(ranks[first:last], np.diff(segment.out[first : last + 1]))
        kinds: Any = np.array([self._told.kinds.index(kind) for kind in segment.told.kinds], np.uint8)
        event = segment.event[begin:end].astype(np.int64) + self._bases[number]
        return begin, source, ranks[segment.target[begin:end]], kinds[segment.kind[begin:end]], segment.time[begin:end], event

    def _write_ways_back(self, moved: Sequence[Column]) -> None:
        """Write the places of edges by target and time."""
        into = self._offsets("into")
        column = opened(self._folder, "by_target", int(into[-1]))
        time: Column = np.load(self._folder / "time.npy", mmap_mode="r") if len(column) else column
        for low, high in _runs(into):
            targets, places = list[Column](), list[Column]()
            for segment, ranks, went in zip(self._segments, self._ranks, moved, strict=True):
                first, last = (int(place) for place in np.searchsorted(ranks, (low, high)))
                targets.append(np.repeat(ranks[first:last], np.diff(segment.into[first : last + 1])))
                places.append(went[segment.by_target[segment.into[first] : segment.into[last]]])
            every = np.concatenate(places)
            order = np.lexsort((every, time[every], np.concatenate(targets)))
            column[into[low] : into[high]] = every[order]

    def _offsets(self, name: str) -> Column:
        """Give and write where the edges of each node begin."""
        degrees = np.zeros(len(self._nodes), np.int64)
        for segment, ranks in zip(self._segments, self._ranks, strict=True):
            degrees[ranks] += np.diff(segment.out if name == "out" else segment.into)
        found = offsets(degrees)
        saved(self._folder, name, found)
        return found

    def _write_names(self) -> None:
        """Keep the longest name of each node: one that says what a process ran is longer than one that does not."""
        longest = np.zeros(len(self._nodes), np.int64)
        best = np.zeros(len(self._nodes), np.uint8)
        for number, (segment, ranks) in enumerate(zip(self._segments, self._ranks, strict=True)):
            lengths = np.diff(segment.names_at)
            better = lengths > longest[ranks]
            best[ranks[better]] = number
            longest[ranks] = np.maximum(longest[ranks], lengths)
        at = offsets(longest)
        saved(self._folder, "names_at", at)
        names = opened(self._folder, "names", int(at[-1]))
        for low, high in _runs(at):
            for number, (segment, ranks) in enumerate(zip(self._segments, self._ranks, strict=True)):
                wanted = np.flatnonzero(best[low:high] == number) + low
                starts = segment.names_at[np.searchsorted(ranks, wanted)]
                names[_spread(at[wanted], longest[wanted])] = segment.names[_spread(starts, longest[wanted])]


def _spread(starts: Column, lengths: Column) -> Column:
    """Give every place of pieces that begin there and are so long, one piece after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts - (ends - lengths), lengths)


def _runs(offsets: Column) -> Iterator[tuple[int, int]]:
    """Cut nodes into runs with about as many edges as are worked on at a time; a node is never cut."""
    low, nodes = 0, len(offsets) - 1
    while low < nodes:
        high = int(np.searchsorted(offsets, int(offsets[low]) + _AT_ONCE, "right")) - 1
        high = min(max(high, low + 1), nodes)
        yield low, high
        low = high


def _scratch(path: Path, length: int) -> Column:
    return np.memmap(path, np.uint32, "w+", shape=(length,)) if length else np.empty(0, np.uint32)
