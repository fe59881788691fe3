"""The processes in which questions run, seen from the one that asks. Owns starting, lending and killing them; what they do is `box`'s.

A process answers the questions about one database, one at a time, and is used again while it behaves.
"""

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress

import msgspec

from watchkeeper.lake.box import END, HEAD, MOST_BYTES, SAID, WRONG, Asked, Opened, Wrong, write

_MOST_WAITING = 4
"""Processes that wait for a question; each takes memory."""
_ENVIRONMENT = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}
_PIECE = 1 << 20
_OF_MEMORY = {signal.SIGKILL, signal.SIGABRT}
"""How a process ends whose memory nobody gave."""


class Box:
    """One process."""

    def __init__(self, opened: Opened) -> None:
        """Start it, and let it open its database."""
        self.opened = opened
        self._killed = threading.Event()
        # isolated: it takes nothing from the environment, the working folder or the user's own packages
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", "from watchkeeper.lake.box import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_ENVIRONMENT, cwd="/", start_new_session=True,
        )  # fmt: skip
        self._say(opened)

    def ask(self, asked: Asked, seconds: float, most_bytes: int) -> Iterator[tuple[bytes, bytes]]:
        """Yield the frames of an answer; after anything but a `ValueError` that it told itself the process is of no use any more.

        Raises:
            ValueError: what is wrong with the question.
            TimeoutError: it takes too long.
            MemoryError: it needs too much.
        """
        until, left = time.monotonic() + seconds, most_bytes
        self._say(asked)
        while True:
            size, kind = HEAD.unpack(self._read(HEAD.size, until))
            if size > min(left, MOST_BYTES):
                self.kill()
                raise MemoryError(f"the answer has more than {most_bytes:,} bytes; ask for fewer rows or columns")
            left -= size
            said = self._read(size, until)
            if kind == WRONG:
                _raise(msgspec.json.decode(said, type=Wrong))
            yield kind, said
            if kind in {END, SAID}:
                return

    @property
    def alive(self) -> bool:
        """Whether it can be asked again."""
        return not self._killed.is_set() and self._process.poll() is None

    def kill(self) -> None:
        """End it at once; whoever reads its answer finds that out."""
        self._killed.set()
        self._process.kill()

    def close(self) -> None:
        """End it and leave nothing of it; nobody may be reading."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what it was not yet told, nobody will read
                    pipe.close()

    def _say(self, asked: Asked) -> None:
        if self._process.stdin is None:
            raise ValueError("the process has no input")
        try:
            write(self._process.stdin, b"?", msgspec.json.encode(asked))
        except BrokenPipeError as error:
            raise self._ended() from error

    def _read(self, size: int, until: float) -> bytes:
        if self._process.stdout is None:
            raise ValueError("the process has no output")
        number, pieces = self._process.stdout.fileno(), bytearray()
        waiting = select.poll()
        waiting.register(number, select.POLLIN)
        while len(pieces) < size:
            if not waiting.poll(max(0.0, until - time.monotonic()) * 1_000):
                self.kill()
                raise TimeoutError("the process took too long and was killed")
            piece = os.read(number, min(size - len(pieces), _PIECE))
            if not piece:
                raise self._ended()
            pieces += piece
        return bytes(pieces)

    def _ended(self) -> Exception:
        code = self._process.wait()
        if -code == signal.SIGXCPU:
            return TimeoutError("the question took more of the processor than it may")
        if -code in _OF_MEMORY:
            return MemoryError("the question needs more memory than there is for questions; ask for less at a time")
        return ValueError(f"the question ended the process that was to answer it ({code}); ask it in another way")


def _raise(wrong: Wrong) -> None:
    match wrong.kind:
        case "time":
            raise TimeoutError(wrong.text)
        case "memory":
            raise MemoryError(wrong.text)
        case "value":
            raise ValueError(wrong.text)


class Boxes:
    """All processes of one event table; safe to share between threads."""

    def __init__(self) -> None:
        """Start none yet."""
        self._lock = threading.Lock()
        self._waiting: list[Box] = []
        self._lent: set[Box] = set()
        self._closed = False

    @contextmanager
    def lent(self, opened: Opened) -> Generator[Box]:
        """Lend a process of a database for one question; one that misbehaved is ended, and the next is started without waiting for it."""
        box = self._taken(opened)
        well = False
        try:
            yield box
            well = True
        except ValueError:
            well = True
            raise
        finally:
            self._back(box, well=well and box.alive)

    def close(self) -> None:
        """End every process; questions that run are stopped."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
            for box in self._lent:
                box.kill()
        for box in waiting:
            box.close()

    def _taken(self, opened: Opened) -> Box:
        with self._lock:
            found = next((box for box in reversed(self._waiting) if box.opened == opened and box.alive), None)
            if found is not None:
                self._waiting.remove(found)
        box = found or Box(opened)
        with self._lock:
            self._lent.add(box)
        return box

    def _back(self, box: Box, *, well: bool) -> None:
        gone = [] if well else [box]
        with self._lock:
            self._lent.discard(box)
            if not self._closed:
                self._waiting.append(box if well else Box(box.opened))
            elif well:
                gone.append(box)
            while len(self._waiting) > _MOST_WAITING:
                gone.append(self._waiting.pop(0))
        for one in gone:
            one.close()
