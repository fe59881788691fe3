"""One worker's share of the journal: frames in, events to the lake, signals on, and the place from which to go on after any death.

For each partition, in this order: signals are brought to disk with the number up to which they speak, then the events are committed to
the lake with the same number. Whoever dies between the two finds at the next start that signals are ahead, and takes those frames in
again without telling their signals twice.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from watchkeeper.autopilot.handing import Handed, last_handed, packed
from watchkeeper.autopilot.streaming import Stream, Taken
from watchkeeper.journal import Frame, Frames, Partition, key_of, partition_of, trim
from watchkeeper.journal.received import ids_of, read
from watchkeeper.lake import EventTable
from watchkeeper.model.received import Received

COMMIT_ROWS = 120_000
"""Events after which a commit is due."""
COMMIT_SECONDS = 1.0
"""The first event of a commit waits so long at most for others."""
REMEMBERED_SECONDS = 600
"""Segments stay so long after the lake has them: a restart learns from them which ids were sent lately."""


@dataclass(slots=True)
class _Open:
    """A partition, and what was taken in of it and is not committed yet."""

    name: str
    folder: Path
    frames: Frames
    signals: Partition
    told: int
    """Number up to which signals were handed on before this process began."""
    done: int
    """Number up to which the lake has it."""
    taken: Taken = field(default_factory=Taken)
    upto: int = -1
    since: float | None = None
    oldest: int = 0
    """When the first record that waits was received, µs."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit was about."""

    partition: str
    events: int
    signals: int
    lag_seconds: float
    """Time from receiving the oldest record to its being in the lake."""


class Share:
    """Takes in some partitions of the journal."""

    def __init__(self, state: Path, numbers: Sequence[int], stream: Stream, table: EventTable) -> None:
        """Open the partitions where their last commits ended.

        Raises:
            OSError: the journal or the lake cannot be read.
        """
        self._stream = stream
        self._table = table
        self.set_aside = 0
        """Entries that could not be taken in; they stay in the folder `aside` of the journal."""
        journal = state / "journal"
        self._aside = journal / "aside"
        key = key_of(journal)
        self._parts = [self._opened(journal, number, key) for number in numbers]

    def _opened(self, journal: Path, number: int, key: bytes) -> _Open:
        folder = partition_of(journal, number)
        folder.mkdir(parents=True, exist_ok=True)
        name = folder.name
        done = self._table.position(name)
        for sequence, head in Frames(folder, key).heads():
            if sequence <= done:
                self._stream.remember(*ids_of(head))
        signals = Partition(journal / f"signals-{number}", key)
        return _Open(name, folder, Frames(folder, key, done), signals, last_handed(journal / f"signals-{number}", key), done, upto=done)
