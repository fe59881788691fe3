"""Writing edges while events are kept. Owns what waits, and one segment a part of kept events; joining segments stands in `joining`."""

from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.lake.joining import joined
from watchkeeper.lake.segment import Told, micros, offsets, saved, settled
from watchkeeper.model.edges import EDGES, THINGS

GRAPH = "_graph"
"""Where segments are, within the folder of kept events: what reads that folder as one table passes such names over."""
Edges: TypeAlias = tuple[pa.Table, pa.Table]
"""Edges (`EDGES`) and the things in them (`THINGS`)."""


class EdgeWriter:
    """Appends edges as segments; memory stays under the edges of one part of kept events."""

    def __init__(self, folder: Path, series: str = "") -> None:
        """Take the folder; several that write at the same time each need a series of their own, the same as their events'."""
        self._folder = folder
        self._prefix = f"part-{series}-" if series else "part-"
        self._edges: list[pa.Table] = []
        self._names: dict[int, bytes] = {}

    def add(self, shown: Edges, first_row: int) -> None:
        """Take in what a batch shows whose first event is that row of the part being kept."""
        edges, things = shown
        if not edges.num_rows:
            return
        place = edges.schema.get_field_index("row")
        rows: NDArray[np.int64] = edges.column("row").to_numpy() + first_row
        self._edges.append(edges.set_column(place, "row", pa.array(rows)))
        for number, key, label in zip(*(cast("list[Any]", things.column(name).to_pylist()) for name in THINGS.names), strict=True):
            text = f"{key}\0{label}".encode(errors="replace")
            if len(text) > len(self._names.get(number, b"")):
                self._names[number] = text

    def flush(self, part: str, rows: int) -> None:
        """Write what waits as the segment of a part of kept events with so many rows."""
        if not self._edges:
            return
        edges = pa.concat_tables(self._edges).cast(EDGES)
        _written(self._folder, Path(part).stem, edges, self._names, Told((), (part,), (0, rows)))
        self._edges, self._names = [], {}
        joined(self._folder, self._prefix)


def _written(folder: Path, name: str, edges: pa.Table, names: dict[int, bytes], told: Told) -> None:
    kinds: Any = cast("Any", edges.column("kind").combine_chunks()).dictionary_encode()
    ends = np.concatenate([edges.column(column).to_numpy() for column in ("source", "target")])
    nodes, ranks = np.unique(ends, return_inverse=True)
    source, target = ranks[: edges.num_rows], ranks[edges.num_rows :]
    time = micros(edges)
    order = np.lexsort((time, source))
    target, time = target[order], time[order]
    unfinished = folder / f".{name}"
    unfinished.mkdir(parents=True, exist_ok=True)
    columns = {
        "nodes": nodes,
        "out": offsets(np.bincount(source, minlength=len(nodes))),
        "into": offsets(np.bincount(target, minlength=len(nodes))),
        "target": target,
        "kind": kinds.indices.to_numpy()[order],
        "time": time,
        "event": edges.column("row").to_numpy()[order],
        "by_target": np.lexsort((time, target)),
    }
    texts = [names.get(int(node), b"\0") for node in nodes]
    columns["names"] = np.frombuffer(b"".join(texts), np.uint8)
    columns["names_at"] = offsets(np.fromiter(map(len, texts), np.int64, len(texts)))
    for column, values in columns.items():
        saved(unfinished, column, values)
    settled(unfinished, Told(tuple(kinds.dictionary.to_pylist()), told.parts, told.starts), folder / name)
