"""Who works on a state folder: one server at a time, and none while processes of a dead one live. Owns the locks."""

import fcntl
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from watchkeeper.server.vitals import FOLDER

LEFT_SECONDS = 60.0
"""What a server that was killed left running ends by itself; so long it is waited for."""
_LOOK_SECONDS = 0.05


@contextmanager
def claimed(state: Path, seconds: float = LEFT_SECONDS) -> Generator[None]:
    """Have a state folder for one server until the block ends; first wait until processes of an earlier one have ended.

    Raises:
        ValueError: another server works on it, or what an earlier one left does not end.
        OSError: the folder cannot be written.
    """
    with ExitStack() as stack:
        if not _is_locked(stack.enter_context(_opened(state, "server")), fcntl.LOCK_EX, 0):
            raise ValueError(f"another `watchkeeper serve` works on {str(state)!r}: stop it, or choose another folder with --state")
        with _opened(state, "processes") as left:
            if not _is_locked(left, fcntl.LOCK_EX, seconds):
                raise ValueError(f"processes of a server that was killed still work on {str(state)!r}: end them and start again")
        yield


@contextmanager
def counted(state: Path) -> Generator[None]:
    """Be one of the processes of a server until the block ends, so that the next server waits for it.

    Raises:
        OSError: the folder cannot be written.
    """
    with _opened(state, "processes") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def _opened(state: Path, name: str) -> IO[bytes]:
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"{name}.lock").open("ab")


def _is_locked(file: IO[bytes], how: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_LOOK_SECONDS)
        else:
            return True
