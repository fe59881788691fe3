"""What is kept of what many events say, of which there may be more than memory. Owns the bound.

Beyond the most that are kept, chance says which stay, by their names alone: what several have gathered is what one would have gathered, in
any order.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Generic, TypeVar

K = TypeVar("K", bound=tuple[object, ...])
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, at most so many; a value that comes for a key again is joined with the one that is there."""

    def __init__(self, most: int, join: Callable[[V, V], V]) -> None:
        """Keep nothing yet; `join` must not care for order, nor for the same value twice."""
        self._most = most
        self._join = join
        self._values: dict[K, V] = {}
        self._chances: list[tuple[int, K]] = []
        self._is_full = False

    @property
    def is_full(self) -> bool:
        """Whether something found no room."""
        return self._is_full

    def __iter__(self) -> Iterator[tuple[K, V]]:
        """Yield every key with its value."""
        return iter(self._values.items())

    def add(self, key: K, value: V) -> None:
        """Take one in."""
        if key in self._values:
            self._values[key] = self._join(self._values[key], value)
            return
        self._values[key] = value
        heapq.heappush(self._chances, (-_chance(key), key))
        if len(self._values) > self._most:
            del self._values[heapq.heappop(self._chances)[1]]
            self._is_full = True

    def hand_over(self) -> tuple[list[tuple[K, V]], bool]:
        """Give everything and whether there was more, and forget it."""
        held, is_full = list(self._values.items()), self._is_full
        self._values, self._chances, self._is_full = {}, [], False
        return held, is_full

    def take_over(self, held: Iterable[tuple[K, V]], *, is_full: bool) -> None:
        """Add what another has gathered."""
        for key, value in held:
            self.add(key, value)
        self._is_full |= is_full


def _chance(key: tuple[object, ...]) -> int:
    return int.from_bytes(blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=8).digest())
