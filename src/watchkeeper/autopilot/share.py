"""One worker's share of the journal: frames in, events to the lake, signals on, and the place from which to go on after any death.

For each partition, in this order: signals are brought to disk with the number up to which they speak, then the events are committed to
the lake with the same number. Whoever dies between the two finds at the next start that signals are ahead, and takes those frames in
again without telling their signals twice.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from watchkeeper.autopilot.handing import Part, last_handed, packed
from watchkeeper.autopilot.streaming import Stream, Taken
from watchkeeper.autopilot.trying import MOST_DEATHS, Trying
from watchkeeper.journal import Frame, Frames, Partition, key_of, partition_of, trim
from watchkeeper.journal.received import ids_of, read
from watchkeeper.lake import EventTable
from watchkeeper.model.received import Received
from watchkeeper.model.stored import STORED_SCHEMA

COMMIT_ROWS = 120_000
"""Events after which a commit is due."""
COMMIT_SECONDS = 3.5
"""The first event of a commit waits so long at most for others."""
REMEMBERED_SECONDS = 600
"""Segments stay so long after the lake has them: a restart learns from them which ids were sent lately."""


@dataclass(slots=True)
class _Open:
    """A partition, and what was taken in of it and is not committed yet."""

    name: str
    folder: Path
    frames: Frames
    trying: Trying
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
    heard: dict[str, tuple[str, int]] = field(default_factory=dict[str, tuple[str, int]])
    """By the id of each sender that was heard: its tenant, and when, µs."""
    landing: "Future[Committed] | None" = None
    """The commit that is under way."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit was about."""

    partition: str
    upto: int
    """Number of the last entry that it holds."""
    events: int
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
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="commit")
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
        (done,) = reached(self._table, [number])
        for sequence, head in Frames(folder, key).heads():
            if sequence <= done:
                with suppress(ValueError):  # it is damaged, and is counted where it is read
                    self._stream.remember(*ids_of(head))
        signals = Partition(journal / f"signals-{number}", key)
        return _Open(
            name,
            folder,
            Frames(folder, key, done),
            Trying(folder / "trying"),
            signals,
            last_handed(journal / f"signals-{number}", key),
            done,
            upto=done,
        )

    def step(self) -> list[Committed]:
        """Take in what is there, and commit what is due; give the commits that ended, none if there was nothing to do.

        A commit goes on while more is taken in; what made one fail is raised here.
        """
        done = [one for part in self._parts for one in self._followed(part)]
        now = time.monotonic()
        for part in self._parts:
            if part.since is not None and now - part.since >= COMMIT_SECONDS:
                done.extend(self._commit(part))
            elif part.landing is not None and part.landing.done():
                done.extend(self._landed(part))
        return done

    def finish(self) -> list[Committed]:
        """Commit everything that was taken in."""
        done = [one for part in self._parts if part.since is not None for one in self._commit(part)]
        return done + [one for part in self._parts for one in self._landed(part)]

    def close(self) -> None:
        """Give files back, once what is being committed is."""
        self._writer.shutdown()
        for part in self._parts:
            part.frames.close()
            part.trying.close()
            part.signals.close()

    def position(self, number: int) -> int:
        """Give the number up to which the lake has a partition."""
        return next(part.done for part in self._parts if part.name == partition_of(Path(), number).name)

    @property
    def damaged_bytes(self) -> int:
        """Bytes of the journal that were no entry and were passed over."""
        return sum(part.frames.damaged_bytes for part in self._parts)

    @property
    def behind_seconds(self) -> float:
        """Age of the oldest record that was taken in and is not in the lake yet."""
        oldest = min((part.oldest for part in self._parts if part.since is not None), default=None)
        return 0.0 if oldest is None else max(0.0, time.time() - oldest / 1e6)

    def _followed(self, part: _Open) -> Iterator[Committed]:
        """Take in some of what came to a partition; the others have their turn after a commit."""
        for frame in part.frames.new():
            if part.since is not None and part.upto <= part.told < frame.sequence:
                yield from self._commit(part)  # what was told already and what was not are never one commit
            self._take(part, frame)
            if part.taken.rows >= COMMIT_ROWS:
                yield from self._commit(part)
                return

    def _take(self, part: _Open, frame: Frame) -> None:
        try:
            if not part.trying.may(frame.sequence):
                raise RuntimeError(f"{MOST_DEATHS} workers in a row died on it")  # noqa: TRY301 -- it goes where the others go
            received = read(frame.head, frame.body)
            self._stream.take(received, frame.sequence, part.taken)
        except Exception as failure:  # noqa: BLE001 - one entry must not stop the ones behind it: it is kept and counted
            self._put_aside(part, frame, failure)
        else:
            self._note(part, received)
        part.upto = frame.sequence
        if part.since is None:
            part.since = time.monotonic()

    def _note(self, part: _Open, received: Received) -> None:
        if part.since is None:
            part.oldest = received.time
        sender = received.sender
        part.heard[sender.id] = (sender.tenant, received.time)

    def _put_aside(self, part: _Open, frame: Frame, failure: Exception) -> None:
        """Keep an entry that could not be taken in, with the reason."""
        self._aside.mkdir(exist_ok=True)
        place = self._aside / f"{part.name}-{frame.sequence}"
        place.with_suffix(".txt").write_text(f"{type(failure).__name__}: {failure}\n", "utf-8")
        place.with_suffix(".head").write_bytes(frame.head)
        place.with_suffix(".body").write_bytes(frame.body)
        self.set_aside += 1

    def _commit(self, part: _Open) -> Iterator[Committed]:
        """Let a commit of what was taken in begin, once the one before it has ended; give that one."""
        yield from self._landed(part)
        taken = part.taken
        self._stream.settle(taken)
        entry = None
        if part.upto > part.told:
            entry = packed(Part(part.name, part.upto, dict(taken.by_tenant), part.heard), taken.found())
        events = pa.concat_tables(taken.events or [STORED_SCHEMA.empty_table()])
        part.landing = self._writer.submit(self._written, part, entry, (events, part.upto, part.oldest))
        part.taken, part.since, part.oldest, part.heard = Taken(), None, 0, {}

    def _written(self, part: _Open, entry: tuple[bytes, bytes] | None, taken: tuple[pa.Table, int, int]) -> Committed:
        """Hand signals on, commit the events, and remove what the journal need not keep."""
        events, upto, oldest = taken
        if entry is not None:
            part.signals.append([entry])
        self._table.append(events, part.name, upto)
        trim(part.folder, upto, REMEMBERED_SECONDS)
        return Committed(part.name, upto, events.num_rows, time.time() - oldest / 1e6 if oldest else 0.0)

    def _landed(self, part: _Open) -> list[Committed]:
        """Wait for the commit that is under way, if one is."""
        if part.landing is None:
            return []
        done = part.landing.result()
        part.landing, part.done = None, done.upto
        return [done]


def reached(table: EventTable, numbers: Sequence[int]) -> list[int]:
    """Give for each partition the number up to which the lake has it; -1 if it has nothing of it."""
    found = table.positions([partition_of(Path(), number).name for number in numbers])
    return [-1 if one is None else one for one in found]
