"""Edges as they are stored, in bulk. Owns the columns and how a thing gets its number; drawn edges are `model/trace.py`'s."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import pyarrow as pa

EDGES = pa.schema(
    [
        pa.field("source", pa.uint64(), nullable=False),
        pa.field("target", pa.uint64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC")),
        pa.field("row", pa.int64(), nullable=False),
    ]
)
"""Numbers of the thing that acted and of the one that was acted on, what it did, when, and the 0-based row of the event in its batch."""
THINGS = pa.schema(
    [
        pa.field("id", pa.uint64(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
    ]
)
"""A thing's number, its key, and what people call it."""
FOUND = pa.schema(
    [
        pa.field("source", pa.uint64(), nullable=False),
        pa.field("target", pa.uint64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC")),
        pa.field("part", pa.string(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
    ]
)
"""Edges that were read: as in `EDGES`, but with the part of the kept events and the row in it."""


@dataclass(frozen=True, slots=True)
class Around:
    """Which edges of a thing are wanted."""

    back: bool = False
    """Those that lead to it; else those that it is the source of."""
    start: datetime | None = None
    """Not earlier than this; edges without a time count as the last of all."""
    end: datetime | None = None
    """Not later than this; then edges without a time are left out."""
    newest: bool = False
    """Newest first; else oldest first."""
    limit: int = 1_000
    """At most so many."""
    only: frozenset[str] = frozenset()
    """Kinds of edges that are given and counted; empty stands for every kind."""
    without: frozenset[str] = frozenset()
    """Kinds of edges that are neither given nor counted."""


Neighbours = Callable[[int, Around], tuple[pa.Table, int]]
"""Gives a thing's edges in the order asked for (`FOUND`), and how many there are in that time without the limit."""


def thing_id(key: str) -> int:
    """Give a key's number: the first 64 bits of its BLAKE2b.

    Two of ten million things share a number once in 370,000 such graphs; their edges would be read together.
    """
    return int.from_bytes(blake2b(key.encode(errors="surrogatepass"), digest_size=8).digest(), "little")
