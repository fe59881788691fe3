"""How often one may ask. Owns the counting, in bounded memory; who is counted is the caller's."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import NamedTuple

_MOST_KNOWN = 20_000


class Rate(NamedTuple):
    """So much at once, and so much a second after that."""

    burst: int
    a_second: float


class Rates:
    """A bucket for each who asks: it is full at first, each request takes one, and it fills again."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = monotonic, most: int = _MOST_KNOWN) -> None:
        """Take the rate; when more ask than may be known, who asked longest ago starts anew."""
        self._rate = rate
        self._clock = clock
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait(self, who: str) -> float:
        """Take one from somebody's bucket; give how many seconds they have to wait if it is empty, and 0 if it was not."""
        with self._lock:
            now = self._clock()
            left, since = self._left.pop(who, (float(self._rate.burst), now))
            left = min(float(self._rate.burst), left + (now - since) * self._rate.a_second)
            self._left[who] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > self._most:
                self._left.popitem(last=False)
            return 0.0 if left >= 1 else (1 - left) / self._rate.a_second
