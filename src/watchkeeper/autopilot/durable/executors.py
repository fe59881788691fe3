"""Executors: who walks flows, and whether they are alive. Owns when one counts as dead and when one may not go on itself.

Nobody's clock is trusted but one's own: an executor counts its beats in the store, and who sees a count stand still for a minute takes
over. One that could not beat for a while does nothing more until it can, long before anybody takes over from it.
"""

from collections.abc import Callable
from time import monotonic

from watchkeeper.store import Store

BEAT_SECONDS = 2.0
"""An executor beats so often."""
FENCE_SECONDS = 20.0
"""Who has not beaten for so long changes nothing outside; no action at a place takes longer than the rest until `DEAD_SECONDS`."""
DEAD_SECONDS = 60.0
"""Whose beats stand still for so long is taken over from."""


class Heart:
    """The beats of one executor, and what it sees of others."""

    def __init__(self, store: Store, name: str, clock: Callable[[], float] = monotonic, dead_seconds: float = DEAD_SECONDS) -> None:
        """Take the store, one's own name and a clock that never goes back."""
        self.name = name
        self._store = store
        self._clock = clock
        self._dead_seconds = dead_seconds
        self._beaten = float("-inf")
        self._seen: dict[str, tuple[int, float]] = {}

    @property
    def is_well(self) -> bool:
        """Whether it has beaten lately enough to change anything outside."""
        return self._clock() - self._beaten < min(FENCE_SECONDS, self._dead_seconds / 3)

    def begin(self) -> None:
        """Begin to live, whatever became of an earlier life under this name.

        Raises:
            OSError: the store cannot be written.
        """
        self._beat(fresh=True)

    def beat(self) -> None:
        """Beat.

        Raises:
            OSError: the store cannot be written.
            ValueError: another executor took over; this one must end and begin anew.
        """
        self._beat(fresh=False)

    def dead(self) -> tuple[str, ...]:
        """Give the others whose flows have to be taken over, by this one alone; each is given once.

        Raises:
            OSError: the store cannot be read or written.
        """
        now, beats = self._clock(), self._store.executors()
        others = {name: count for name, count in beats.items() if name != self.name}
        self._seen = {name: (count, self._since(name, count, now)) for name, count in others.items()}
        still = [(name, count) for name, (count, since) in self._seen.items() if now - since >= self._dead_seconds]
        return tuple(name for name, count in still if self._store.bury(name, count))

    def _since(self, name: str, count: int, now: float) -> float:
        before = self._seen.get(name)
        return before[1] if before and before[0] == count else now

    def _beat(self, *, fresh: bool) -> None:
        began = self._clock()
        if not self._store.beat(self.name, fresh=fresh):
            raise ValueError(f"{self.name!r} did not beat for so long that another executor took over its flows; it begins anew")
        self._beaten = began
