"""Listening: one stream of changes for each who listens, as server-sent events. Owns its pace, its bounds and when it ends.

Source: WHATWG HTML, "Server-sent events".
"""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from fastapi import HTTPException
from fastapi.concurrency import run_in_threadpool

from watchkeeper.autopilot.changes import changes_after
from watchkeeper.model.changed import ChangesTold, ChangeTold
from watchkeeper.store import Store

LOOK_SECONDS, BEAT_SECONDS, CHECK_SECONDS = 0.5, 15.0, 10.0
"""How often news is looked for, a line is sent so that nobody thinks the other gone, and it is asked whether they may still listen."""
MOST_LISTENERS, MOST_OF_ONE = 200, 10
MOST_AT_ONCE = 200
RETRY_MILLISECONDS = 3_000


@dataclass(frozen=True, slots=True)
class Ear:
    """Who listens, and to what."""

    name: str
    """Who."""
    store: Store
    after: int
    """Number of the last change that is known there."""
    may: Callable[[], bool]
    """Says whether they may still listen."""


class Listeners:
    """Everybody who listens at this process; it asks the database once for all of a tenant."""

    def __init__(self, stopping: Callable[[], bool] = lambda: False, clock: Callable[[], float] = monotonic) -> None:
        """Take what says that this process stops, and a clock that only goes on."""
        self._stopping = stopping
        self._clock = clock
        self._lock = threading.Lock()
        self._newest: dict[str, tuple[float, int]] = {}
        self._here: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many listen."""
        return self._here.total()

    async def stream(self, ear: Ear) -> AsyncGenerator[str]:
        """Yield what is new as long as they may listen and this process runs.

        Raises:
            HTTPException: 429, too many listen already.
        """
        with self._counted(ear.name):
            after, beat, checked = ear.after, self._clock(), self._clock()
            yield f"retry: {RETRY_MILLISECONDS}\n\n"
            while not self._stopping():
                if self._clock() - checked >= CHECK_SECONDS:
                    checked = self._clock()
                    if not await run_in_threadpool(ear.may):
                        yield "event: ended\ndata: you may not listen any more\n\n"
                        return
                if await run_in_threadpool(self.newest, ear.store) > after:
                    told = await run_in_threadpool(changes_after, ear.store, after, MOST_AT_ONCE)
                    yield _as_events(told)
                    after, beat = told.last, self._clock()
                elif self._clock() - beat >= BEAT_SECONDS:
                    beat = self._clock()
                    yield ": nothing new\n\n"
                else:
                    await asyncio.sleep(LOOK_SECONDS)

    def newest(self, store: Store) -> int:
        """Give the number of a tenant's last change, as it was half a second ago at most."""
        with self._lock:
            until, number = self._newest.get(store.tenant, (0.0, 0))
            if self._clock() >= until:
                number = store.last_change()
                self._newest[store.tenant] = (self._clock() + LOOK_SECONDS, number)
            return number

    def refuse_too_many(self, name: str) -> None:
        """Say so before anything is answered.

        Raises:
            HTTPException: 429, too many listen already.
        """
        if self.count >= MOST_LISTENERS or self._here[name] >= MOST_OF_ONE:
            raise HTTPException(429, f"{self.count} listen already, {self._here[name]} of them as {name!r}", {"Retry-After": "30"})

    @contextmanager
    def _counted(self, name: str) -> Generator[None]:
        self._here[name] += 1
        try:
            yield
        finally:
            self._here[name] -= 1
            if not self._here[name]:
                del self._here[name]


def _as_events(told: ChangesTold) -> str:
    missed = "event: missed\ndata: look at everything anew\n\n" if told.missed else ""
    return missed + "".join(map(_as_event, told.changes))


def _as_event(one: ChangeTold) -> str:
    return f"id: {one.number}\nevent: {one.kind}\ndata: {one.model_dump_json()}\n\n"
