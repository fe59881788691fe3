"""Accepting: many senders at once, one writer. Owns grouping what waits into one write and one fsync, and the refusal when it is too much.

A call of `accept` returns when what it was given is on disk. While the disk is busy with one group, the next one gathers; so the more
come, the fewer writes each costs.
"""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from watchkeeper.journal.frame import key_of
from watchkeeper.journal.received import written
from watchkeeper.journal.segments import backlog
from watchkeeper.journal.writing import Partition
from watchkeeper.model.received import Received, RefusedError

PARTITIONS = 4
"""Into so many partitions senders fall by their id; each is read by one worker. It stays what it was when the journal was made."""


Positions = Callable[[Sequence[int]], Sequence[int]]
"""Give, for partitions by number, up to which numbers the lake holds them; -1: it has nothing of one."""


def _nothing_stored(numbers: Sequence[int]) -> Sequence[int]:
    return [-1] * len(numbers)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the journal may take."""

    waiting_bytes: int = 256 << 20
    """Accepted and not yet on disk."""
    backlog_bytes: int = 32 << 30
    """On disk and not yet in the lake, in each partition."""
    spare_bytes: int = 1 << 30
    """Left free on the disk."""


@dataclass(slots=True)
class Counts:
    """What became of what was offered."""

    accepted: int = 0
    """Records."""
    bytes: int = 0
    """Of their text."""
    groups: int = 0
    """Times that the disk was waited for."""
    refused: dict[str, int] = field(default_factory=dict[str, int])
    """Records by reason."""


@dataclass(slots=True)
class _Waiting:
    received: Received
    done: Callable[[Exception | None], None]


class Journal:
    """Takes in what listeners receive, in partitions by sender."""

    def __init__(self, folder: Path, limits: Limits = Limits(), positions: Positions = _nothing_stored) -> None:
        """Open the journal; `positions` says up to which numbers the lake holds partitions.

        Raises:
            OSError: the folder cannot be written.
        """
        self._limits = limits
        self._folder = folder
        key = key_of(folder)
        numbers = range(made(folder))
        stored = zip(numbers, positions(numbers), strict=True)
        self._partitions = [Partition(partition_of(folder, number), key, reached + 1) for number, reached in stored]
        self._positions = positions
        self.counts = Counts()
        self._queue: list[_Waiting] = []
        self._bytes = 0
        self._woken = threading.Condition()
        self._closing = False
        self._full: str = ""
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    @property
    def cut_bytes(self) -> int:
        """Bytes of torn tails that were cut off when it was opened."""
        return sum(one.cut_bytes for one in self._partitions)

    async def accept(self, received: Received) -> None:
        """Keep what was received; returns when it is on disk.

        Raises:
            RefusedError: too much waits, the disk is full or fails, or the journal is being closed; nothing of it is kept.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()

        def told(failure: Exception | None) -> None:
            loop.call_soon_threadsafe(_settle, future, failure)

        with self._woken:
            if self._closing:
                self._refuse(received, "shutting down", 5)
            if self._bytes and self._bytes + len(received.body) > self._limits.waiting_bytes:
                self._refuse(received, "too much waits to be written", 1)
            if self._full:
                self._refuse(received, self._full, 10)
            self._queue.append(_Waiting(received, told))
            self._bytes += len(received.body)
            self._woken.notify()
        await future

    def look(self) -> str:
        """See whether there is room, which is asked every second or so; give why nothing is accepted, empty if all is well."""
        free = shutil.disk_usage(self._folder).free
        stored = self._positions(range(len(self._partitions)))
        behind = max(backlog(one.folder, reached) for one, reached in zip(self._partitions, stored, strict=True))
        full = ""
        if free < self._limits.spare_bytes:
            full = "the disk is full"
        elif behind > self._limits.backlog_bytes:
            full = "too much waits to be stored"
        self._full = full
        return full

    def close(self) -> None:
        """Bring everything accepted to disk and stop."""
        with self._woken:
            self._closing = True
            self._woken.notify()
        self._thread.join()
        for one in self._partitions:
            one.close()

    def _refuse(self, received: Received, reason: str, retry_after_seconds: int) -> None:
        self.counts.refused[reason] = self.counts.refused.get(reason, 0) + received.records
        raise RefusedError(reason, retry_after_seconds)

    def _write(self) -> None:
        while True:
            with self._woken:
                while not self._queue and not self._closing:
                    self._woken.wait()
                group, self._queue = self._queue, []
            if not group:
                return
            by_partition: dict[int, list[_Waiting]] = {}
            for one in group:
                by_partition.setdefault(place_of(one.received.sender.id, len(self._partitions)), []).append(one)
            for number, waiting in by_partition.items():
                self._append(self._partitions[number], waiting)
            with self._woken:
                self._bytes -= sum(len(one.received.body) for one in group)

    def _append(self, partition: Partition, waiting: list[_Waiting]) -> None:
        failure: RefusedError | None = None
        try:
            partition.append([written(one.received) for one in waiting])
        except Exception as e:  # noqa: BLE001 - whatever it is, those who wait have to be told
            failure = RefusedError(f"it could not be written: {os.strerror(e.errno) if isinstance(e, OSError) and e.errno else e}", 10)
        self.counts.groups += 1
        for one in waiting:
            if failure is None:
                self.counts.accepted += one.received.records
                self.counts.bytes += len(one.received.body)
            else:
                self.counts.refused["not written"] = self.counts.refused.get("not written", 0) + one.received.records
            one.done(failure)


def place_of(sender: str, count: int) -> int:
    """Give the partition that a sender's records go to."""
    return crc32(sender.encode()) % count


def partition_of(folder: Path, number: int) -> Path:
    """Give the folder of a partition."""
    return folder / f"received-{number}"


def partitions(folder: Path) -> int:
    """Give how many partitions the journal in a folder has, or will have; the same while somebody makes them, the last one first."""
    numbers = [int(path.name.removeprefix("received-")) for path in folder.glob("received-*")]
    return max(numbers) + 1 if numbers else PARTITIONS


def made(folder: Path) -> int:
    """Make the partitions of the journal in a folder where they are missing, and give how many there are."""
    count = partitions(folder)
    for number in reversed(range(count)):
        partition_of(folder, number).mkdir(parents=True, exist_ok=True)  # whoever counts them meanwhile has to see the last one
    return count


def _settle(future: asyncio.Future[None], failure: Exception | None) -> None:
    if future.done():  # who waited has gone
        return
    if failure is None:
        future.set_result(None)
    else:
        future.set_exception(failure)
