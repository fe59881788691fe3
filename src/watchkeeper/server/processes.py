"""Child processes: started, watched, started again, stopped in order. Owns their lives; what they do stands with them.

A child that dies is started again after a pause that doubles while it keeps dying. Children end when their parent is gone, however it went.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import structlog

from watchkeeper.server.claim import counted
from watchkeeper.server.logs import Logs, configure

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 15.0
WELL_SECONDS = 60.0
"""Who lived so long is started again at once."""
STOP_SECONDS = 12.0
"""All children that were told to stop have so long; who is left then is killed, which costs nothing that was accepted."""

_spawn = multiprocessing.get_context("spawn")
_log = structlog.get_logger("watchkeeper.server")

Stopping = Callable[[], bool]
"""Asked by a child whether it should stop."""


@dataclass(slots=True)
class Child:
    """One child process."""

    name: str
    run: Callable[[Any, Stopping], None]
    """What it does, a function of a module; it returns when it is told to stop."""
    duty: Any
    """What the function is given."""
    process: SpawnProcess | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS
    due: float = 0.0
    deaths: int = 0


@dataclass(slots=True)
class Children:
    """All children, in the order in which they are started."""

    all: Sequence[Child]
    logs: Logs = field(default=Logs("json", "info"))
    """How each child writes its log."""
    state: Path | None = None
    """The state folder that they work on, so that another server waits for them; none: they work on none."""

    def start(self) -> None:
        """Start every child."""
        for child in self.all:
            _start(child, self.logs, self.state)

    def look(self) -> None:
        """Start those again that died and whose pause is over."""
        now = time.monotonic()
        for child in self.all:
            if child.process is not None and not child.process.is_alive():
                _buried(child, now)
            if child.process is None and now >= child.due:
                _start(child, self.logs, self.state)

    def stop(self) -> None:
        """Tell every child to stop and wait for all of them; what one leaves undone comes again at the next start."""
        alive = [(child.name, child.process) for child in self.all if child.process is not None]
        for _, process in alive:
            process.terminate()
        end = time.monotonic() + STOP_SECONDS
        for name, process in alive:
            process.join(max(0.0, end - time.monotonic()))
            if process.is_alive():
                _log.warning("did not stop in time and was killed", process=name)
                process.kill()
                process.join()
        for child in self.all:
            child.process = None


def _start(child: Child, logs: Logs, state: Path | None) -> None:
    process = _spawn.Process(target=_run, args=((child.name, child.run, child.duty), logs, os.getpid(), state), name=child.name)
    process.start()
    child.process, child.started = process, time.monotonic()


def _buried(child: Child, now: float) -> None:
    """Note a death, and when the next life begins."""
    code = child.process.exitcode if child.process else None
    child.pause = FIRST_PAUSE_SECONDS if now - child.started > WELL_SECONDS else min(LONGEST_PAUSE_SECONDS, 2 * child.pause)
    child.due = now + child.pause
    child.deaths += 1
    child.process = None
    _log.error("ended and is started again", process=child.name, code=code, pause_seconds=child.pause)


def _run(given: tuple[str, Callable[[Any, Stopping], None], Any], logs: Logs, parent: int, state: Path | None) -> None:
    name, run, duty = given
    configure(logs)
    structlog.contextvars.bind_contextvars(process=name)
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells the whole group; the parent tells each in its turn
    try:
        with nullcontext() if state is None else counted(state):
            if os.getppid() == parent:  # else the next server may be at work already
                run(duty, lambda: bool(told) or os.getppid() != parent)
    except Exception as error:  # noqa: BLE001 -- the boundary of a process: its last words go into the log, without secrets
        _log.exception("failed and ends", error=str(error))
        raise SystemExit(1) from None
