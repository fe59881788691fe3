"""Work beside the main loop: in a thread of its own, never twice at a time. Owns beginning it and passing on how it failed."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class Alone:
    """Does something in a thread, but not while it is still being done: who is told slowly keeps no incident waiting."""

    def __init__(self, pool: ThreadPoolExecutor, work: Callable[[], object]) -> None:
        """Take the thread and what is done in it."""
        self._pool = pool
        self._work = work
        self._doing: Future[object] | None = None

    def __call__(self) -> None:
        """Begin anew if nothing is being done; raises what the last time raised."""
        done, self._doing = self._doing, None
        if done is None:
            self._doing = self._pool.submit(self._work)
        elif done.done():
            done.result()
            self._doing = self._pool.submit(self._work)
        else:
            self._doing = done
