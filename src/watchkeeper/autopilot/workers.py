"""Worker processes: pieces of work in, answers out. Owns starting them, handing out, and what becomes of a piece whose worker died.

What the work is, is the caller's: a function that is called once in each worker and gives the function that works on a piece. Pieces and
answers are bytes and cross pipes as they are. Workers are spawned, so they share nothing; one that is left alone ends by itself, since its
pipe breaks.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Literal, Self, TypeAlias, cast

Told = Callable[[int], None]
"""Told how far the work on a piece is."""
Work = Callable[[bytes, Told], bytes]
Begin = Callable[[], Work]

_Pipe: TypeAlias = "connection.Connection[bytes, bytes]"
_Kind = Literal[b"A", b"P", b"E"]
_ANSWER, _PROGRESS, _ERROR = b"A", b"P", b"E"
_TELL_SECONDS = 0.1
_WAIT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Died:
    """There is no answer: the worker ended in the middle of the piece."""

    why: str
    """How it ended, in few words."""


@dataclass(frozen=True, slots=True)
class _Worker:
    process: BaseProcess
    pipe: _Pipe


def cores() -> int:
    """Give how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """Some processes that are started on entering and gone on leaving, whatever happens between."""

    def __init__(self, begin: Begin, count: int) -> None:
        """Take what to call in each of `count` processes; it must be importable, or a `partial` of what is."""
        self._begin = begin
        self._count = count
        self._idle: list[_Worker] = []
        self._busy: dict[int, _Worker] = {}
        self._done: dict[int, int] = {}

    def __enter__(self) -> Self:
        """Start the processes; each begins at once."""
        self._idle = [self._started() for _ in range(self._count)]
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """End them, in the middle of their work if need be."""
        workers = [*self._idle, *self._busy.values()]
        for worker in workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in workers:
            worker.process.join(_WAIT_SECONDS)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def answers(self, pieces: Mapping[int, bytes], told: Told) -> Iterator[tuple[int, bytes | Died]]:
        """Hand the pieces out in their order and yield each answer as it comes; `told` gets the sum of what workers tell of theirs.

        A worker that dies is replaced, and its piece is not handed out again.

        Raises:
            OSError: the work raised one, or a `ValueError`; the message is that one's.
        """
        waiting = list(pieces.items())[::-1]
        self._done = {}
        while waiting or self._busy:
            while waiting and self._idle:
                self._hand_out(*waiting.pop())
            for place in self._ready():
                answer = self._heard(place)
                if answer is None:
                    told(sum(self._done.values()))
                else:
                    yield place, answer

    def _hand_out(self, place: int, piece: bytes) -> None:
        worker = self._idle.pop()
        self._busy[place] = worker
        try:
            worker.pipe.send_bytes(piece)
        except OSError:  # it is dead already: `_heard` finds its pipe at the end, and says how it ended
            return

    def _ready(self) -> list[int]:
        pipes = {worker.pipe: place for place, worker in self._busy.items()}
        return [pipes[cast("_Pipe", pipe)] for pipe in connection.wait(list(pipes))]

    def _heard(self, place: int) -> bytes | Died | None:
        """Give the answer if it has come."""
        worker = self._busy[place]
        try:
            message = worker.pipe.recv_bytes()
        except (EOFError, OSError):
            return self._buried(place)
        kind, content = message[:1], message[1:]
        if kind == _PROGRESS:
            self._done[place] = int(content)
            return None
        if kind == _ERROR:
            raise OSError(content.decode())
        self._done.pop(place, None)
        self._idle.append(self._busy.pop(place))
        return content

    def _buried(self, place: int) -> Died:
        self._done.pop(place, None)
        worker = self._busy.pop(place)
        worker.pipe.close()
        worker.process.join(_WAIT_SECONDS)
        worker.process.kill()
        worker.process.join()
        self._idle.append(self._started())
        return Died(_ending(worker.process.exitcode or 0))

    def _started(self) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_body, args=(theirs, self._begin), daemon=True)
        process.start()
        theirs.close()  # else the pipe would not break when the worker dies
        return _Worker(process, cast("_Pipe", ours))


def _ending(code: int) -> str:
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        return f"it was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was ended by signal {-code}"


def _body(pipe: _Pipe, begin: Begin) -> None:
    """Work on pieces until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the parent ends its workers itself
    try:
        work = begin()
        while True:
            piece = pipe.recv_bytes()
            _send(pipe, _ANSWER, work(piece, _teller(pipe)))
    except EOFError:
        return
    except (OSError, ValueError) as error:
        _send(pipe, _ERROR, str(error).encode(errors="replace"))


def _teller(pipe: _Pipe) -> Told:
    last = time.monotonic()

    def told(done: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= _TELL_SECONDS:
            last = now
            _send(pipe, _PROGRESS, b"%d" % done)

    return told


def _send(pipe: _Pipe, kind: _Kind, content: bytes) -> None:
    try:
        pipe.send_bytes(kind + content)
    except OSError:  # nobody listens any more: there is nothing left to work for
        raise SystemExit from None
