"""Appending to one partition: numbers given, bytes on disk, a torn tail taken off. Owns the active segment; who waits for it stands beside.

What a crash leaves half-written at the end of the last segment was never acknowledged: it is cut off when the partition is opened again.
Damage with whole frames behind it stays where it is, and readers pass over it and count it.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from watchkeeper.journal.frame import Frame, packed
from watchkeeper.journal.reading import Frames
from watchkeeper.journal.segments import first_of, segment, segments

SEGMENT_BYTES = 128 << 20


class Partition:
    """Appends frames to the segments of one folder; one process at a time."""

    def __init__(self, folder: Path, key: bytes, least: int = 0, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Open the partition under the journal's secret, making its folder where it is missing, behind its last whole frame.

        `least` is the smallest number that may come next: after a power cut readers may be ahead of what was left on the disk.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = key
        self._segment_bytes = segment_bytes
        found = segments(folder)
        path = found[-1] if found else segment(folder, 0)
        number, end = (first_of(path), 0) if not found else _end(path, key)
        self.next = max(number, least)
        self.cut_bytes = path.stat().st_size - end if found else 0
        """Bytes of a torn tail that were cut off."""
        self._path = path
        self._descriptor = self._opened(path)
        os.ftruncate(self._descriptor, end)
        self._durable = end
        self._is_taken_back = False

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self._folder

    def append(self, entries: Sequence[tuple[bytes, bytes]]) -> list[int]:
        """Write entries (head and body) and bring them to disk; give their sequence numbers.

        A number is never given twice, also after a failure: a reader may have seen what was taken back.

        Raises:
            OSError: they could not be written; none of them is kept then.
            ValueError: one is too long; none of them is kept then.
        """
        if self._is_taken_back:
            self._left()
        numbers = list(range(self.next, self.next + len(entries)))
        data = b"".join(packed(Frame(number, *entry), self._key) for number, entry in zip(numbers, entries, strict=True))
        self.next += len(entries)
        try:
            _write(self._descriptor, data)
            os.fdatasync(self._descriptor)
        except OSError:
            self._is_taken_back = True
            os.ftruncate(self._descriptor, self._durable)  # whoever sent it is told that it was refused
            raise
        self._durable += len(data)
        if self._durable >= self._segment_bytes:
            self._rolled()
        return numbers

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)

    def _left(self) -> None:
        """Begin a new segment after something was taken back: a reader may stand behind the end, and would miss what came in its place.

        Raises:
            OSError: there is no room for one yet.
        """
        os.ftruncate(self._descriptor, self._durable)
        self._begun()
        self._is_taken_back = False

    def _rolled(self) -> None:
        """Begin a new segment; without room for one, go on with this one."""
        with suppress(OSError):
            self._begun()

    def _begun(self) -> None:
        left, path = self._path, segment(self._folder, self.next)
        opened = self._opened(path)
        os.close(self._descriptor)
        if not self._durable:
            left.unlink(missing_ok=True)
        self._descriptor, self._durable, self._path = opened, 0, path

    def _opened(self, path: Path) -> int:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name has to be on disk as well
        finally:
            os.close(folder)
        return descriptor


def _end(path: Path, key: bytes) -> tuple[int, int]:
    """Give the sequence number that comes next, and where the last whole frame of a segment ends."""
    frames = Frames(path.parent, key, first_of(path) - 1)
    number, end = first_of(path), 0
    for frame in frames.new():
        number, end = frame.sequence + 1, frames.place
    frames.close()
    return number, end


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
