"""Reading a partition's frames in order, from any point on, while others append. Owns what becomes of damaged bytes."""

import os
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import IO

from watchkeeper.journal.frame import LAYOUT, MARK, Frame, Lengths, lengths, unpacked
from watchkeeper.journal.segments import first_of, segments

_LOOK_BYTES = 1 << 20


class Frames:
    """Follows a partition: `new()` gives what came since it was last asked."""

    def __init__(self, folder: Path, key: bytes, after: int = -1) -> None:
        """Take the partition, the journal's secret, and the sequence number of the last frame that is known already."""
        self._folder = folder
        self._key = key
        self._after = after
        self._path: Path | None = None
        self._file: IO[bytes] | None = None
        self._at = 0
        self.damaged_bytes = 0
        """Bytes that were no frame and were passed over."""

    @property
    def place(self) -> int:
        """Where the last frame given ends in its segment."""
        return self._at

    def close(self) -> None:
        """Give the file back."""
        if self._file:
            self._file.close()
            self._file = None

    def new(self) -> Iterator[Frame]:
        """Yield the frames after the last one given, as far as they are written; those that somebody still writes come next time."""
        while True:
            later = self._later()  # looked for first: once there is one, nobody writes to this any more, and what is read now is all of it
            yield from self._in_this()
            if later is None:
                return
            self._go_on(later)

    def heads(self) -> Iterator[tuple[int, bytes]]:
        """Yield sequence number and head of every frame there is, without reading bodies; damaged ones are passed over, uncounted.

        The checksum is over the body too: a head may be damaged, which who decodes it has to be ready for.
        """
        for path in segments(self._folder):
            try:
                file = path.open("rb")
            except FileNotFoundError:  # it was removed meanwhile
                continue
            with file:
                yield from _heads(file, self._key)

    def _in_this(self) -> Iterator[Frame]:
        while self._file is not None:
            about = _about(self._file, self._at)
            if about is not None and about.sequence <= self._after and self._stands(self._file, about):
                self._at += about.size
                continue
            frame = None if about is None else unpacked(about, self._file.read(about.head + about.body), self._key)
            if frame is None:
                if not self._passed_over(self._file):
                    return
                continue
            self._at += frame.size
            if frame.sequence > self._after:
                self._after = frame.sequence
                yield frame

    def _stands(self, file: IO[bytes], about: Lengths) -> bool:
        """Say whether a frame that is passed over ends where another begins, or the file ends: lengths that are damaged lead elsewhere."""
        file.seek(self._at + about.size)
        following = file.read(len(MARK))
        file.seek(self._at + LAYOUT.size)
        return following == MARK or not following

    def _passed_over(self, file: IO[bytes]) -> bool:
        """Go to the next whole frame behind bytes that are none; false if there is none (yet)."""
        found = _next_frame(file, self._at + 1, self._key)
        if found is None:
            return False
        if _is_whole(file, self._at, self._key):  # it was being written when it was read, and is finished now that others follow it
            return True
        self.damaged_bytes += found - self._at
        self._at = found
        return True

    def _later(self) -> Path | None:
        """Give the segment after this one, or the first that holds something new; none if there is none."""
        found = segments(self._folder)
        if self._path is None:
            return next((path for path, following in zip_longest(found, found[1:]) if following is None or self._ahead(following)), None)
        return next((path for path in found if path > self._path), None)

    def _go_on(self, later: Path) -> None:
        """Go on with the next segment; what is left in this one is damaged."""
        if self._file:
            self._file.seek(0, 2)
            self.damaged_bytes += max(0, self._file.tell() - self._at)
            self._file.close()
        self._path, self._file, self._at = later, later.open("rb"), 0

    def _ahead(self, following: Path) -> bool:
        return first_of(following) > self._after + 1


def _heads(file: IO[bytes], key: bytes) -> Iterator[tuple[int, bytes]]:
    at, size = 0, os.fstat(file.fileno()).st_size
    while at < size:
        about = _about(file, at)
        if about is not None and _leads_on(file, at, about, key):
            file.seek(at + LAYOUT.size)
            yield about.sequence, file.read(about.head)
            at += about.size
            continue
        found = _next_frame(file, at + 1, key)
        if found is None:
            return
        at = found


def _leads_on(file: IO[bytes], at: int, about: Lengths, key: bytes) -> bool:
    """Say whether a frame ends where another begins, which needs no reading of it, or is whole."""
    file.seek(at + about.size)
    if file.read(len(MARK)) == MARK:
        return True
    return _is_whole(file, at, key)


def _next_frame(file: IO[bytes], start: int, key: bytes) -> int | None:
    """Give where the next whole frame begins at or after an offset; none if there is none."""
    at = start
    while True:
        file.seek(at)
        look = file.read(_LOOK_BYTES)
        place = look.find(MARK)
        if place < 0:
            if len(look) < _LOOK_BYTES:
                return None
            at += len(look) - len(MARK) + 1
            continue
        if _is_whole(file, at + place, key):
            return at + place
        at += place + 1


def _is_whole(file: IO[bytes], at: int, key: bytes) -> bool:
    about = _about(file, at)
    return about is not None and unpacked(about, file.read(about.head + about.body), key) is not None


def _about(file: IO[bytes], at: int) -> Lengths | None:
    file.seek(at)
    return lengths(file.read(LAYOUT.size))
