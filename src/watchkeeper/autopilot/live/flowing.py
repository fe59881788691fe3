"""Taking incidents of the stream through the flow, in the background, one after the other. Owns which one is next and its time.

An incident waits until it has not been followed for some times as long as that took last, so that one that grows all the time
leaves room for others and for correlation.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from time import monotonic

from watchkeeper.autopilot.flow import FLOW, run
from watchkeeper.autopilot.world import World
from watchkeeper.model.incident import Incident

LONGEST_SECONDS = 60.0
"""How long one incident may take."""
PAUSE_SHARE = 9.0
"""An incident rests for so many times as long as following it took."""
_RESULTS = (*dict.fromkeys(step.fills for step in FLOW), "failures")

Key = tuple[str, str]
"""Tenant and id of an incident."""
Seconds = Callable[[], float]
"""A clock that never goes back."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An incident that is to be followed as it stands now."""

    tenant: str
    incident: Incident
    world: World

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.tenant, self.incident.id


@dataclass(frozen=True, slots=True)
class Followed:
    """An incident with what the flow made of it."""

    tenant: str
    incident: Incident
    seconds: float


class Flowing:
    """Follows what is wished for, the higher rank first."""

    def __init__(self, executor: Executor, clock: Seconds = monotonic, longest_seconds: float = LONGEST_SECONDS) -> None:
        """Take what runs it; nothing waits yet."""
        self._executor = executor
        self._clock = clock
        self._longest = longest_seconds
        self._wishes: dict[Key, Wish] = {}
        self._rests: dict[Key, float] = {}
        self._running: tuple[Wish, Future[Followed]] | None = None

    @property
    def waiting(self) -> int:
        """How many wait or are being followed."""
        return len(self._wishes) + (self._running is not None)

    def wish(self, wish: Wish) -> None:
        """Wish that an incident is followed, in the place of what was wished of it before, unless that is under way with the same folds."""
        running = self._running[0] if self._running else None
        if running is None or running.key != wish.key or running.incident.folds != wish.incident.folds:
            self._wishes[wish.key] = wish

    def drop(self, key: Key) -> None:
        """Wish that no longer."""
        self._wishes.pop(key, None)

    def done(self) -> Followed | None:
        """Give what was followed since, if anything was; and let the next one begin."""
        finished = None
        if self._running and self._running[1].done():
            (wish, future), self._running = self._running, None
            finished = future.result()
            self._rests[wish.key] = self._clock() + PAUSE_SHARE * finished.seconds
        if self._running is None and (wish := self._next()):
            del self._wishes[wish.key]
            self._running = wish, self._executor.submit(partial(_followed, wish, self._clock, self._longest))
        return finished

    def _next(self) -> Wish | None:
        now = self._clock()
        self._rests = {key: until for key, until in self._rests.items() if until > now}
        ready = (wish for key, wish in self._wishes.items() if key not in self._rests)
        return min(ready, key=lambda wish: wish.incident.rank, default=None)


def _followed(wish: Wish, clock: Seconds, longest: float) -> Followed:
    began = clock()
    bare = wish.incident.model_copy(update=dict.fromkeys(_RESULTS) | {"failures": ()})
    done = run(bare, wish.world, lambda: began + longest - clock())
    return Followed(wish.tenant, done, clock() - began)


def with_results(incident: Incident, of: Incident) -> Incident:
    """Give an incident with what the flow made of it when it was followed last."""
    return incident.model_copy(update={name: getattr(of, name) for name in _RESULTS})
