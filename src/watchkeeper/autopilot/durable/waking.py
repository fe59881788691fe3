"""Waking: flows that wait are told when something of theirs became otherwise. Owns who waits for what, in one process."""

import asyncio
from collections import defaultdict
from collections.abc import Generator, Iterable
from contextlib import contextmanager

Subject = tuple[str, str]
"""A tenant, and the id of an incident, an action or a question of it."""


class Waking:
    """Who waits for what; everything is called from the loop on which flows run."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._waiting: dict[Subject, set[asyncio.Event]] = defaultdict(set)
        self.count = 0
        """How many flows wait."""

    @contextmanager
    def waiting(self, subjects: Iterable[Subject]) -> Generator[asyncio.Event]:
        """Give what is set when one of these is otherwise; look at them within the block first, so that nothing is missed."""
        event, mine = asyncio.Event(), tuple(subjects)
        for one in mine:
            self._waiting[one].add(event)
        self.count += 1
        try:
            yield event
        finally:
            self.count -= 1
            for one in mine:
                self._waiting[one].discard(event)
                if not self._waiting[one]:
                    del self._waiting[one]

    def wake(self, subjects: Iterable[Subject]) -> None:
        """Wake whoever waits for one of these."""
        for one in subjects:
            for event in self._waiting.get(one, ()):
                event.set()

    def wake_all(self, tenant: str) -> None:
        """Wake whoever waits for anything of a tenant: what changed is not known any more."""
        self.wake([one for one in self._waiting if one[0] == tenant])
