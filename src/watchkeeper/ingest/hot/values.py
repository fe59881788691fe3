"""What programs gave for values that were seen before: a bounded table that kernels look into. Owns its arrays."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from watchkeeper.ingest.hot import kernels_events as kernels
from watchkeeper.ingest.jsonstream import decode
from watchkeeper.jsonlines import kernels_hash as hashes

U = np.uint64
Program = Callable[[str], Sequence[str]]
"""What a column says where the event says this text: nothing, a value, or several; of a column of numbers, the digits."""
PLACES = 1 << 17
"""Places of the table; half of them are filled at most."""
_MOST_ELEMENTS = 64
_SLACK = 128
_LEFT_TO_READERS = -1


class Values:
    """Programs, and what they gave."""

    def __init__(self, places: int = PLACES) -> None:
        """Take the places of the table, a power of two."""
        self.secret = np.array([secrets.randbits(64) | 1 for _ in range(6)], U)
        self._programs: dict[int, Program] = {}
        self.keys = np.zeros((places, 2), U)
        self.ids = np.zeros(places, np.int32)
        self.elements_at = np.zeros(1 << 12, np.int32)
        self.elements = np.zeros((1 << 12, 2), np.int64)
        self.numbers = np.zeros(1 << 12, np.int64)
        self.spelt = np.zeros(1 << 16, np.uint8)
        self._values = self._elements = self._bytes = self._learnt = 0

    @property
    def is_full(self) -> bool:
        """Whether it has to be started anew."""
        return 2 * self._learnt >= len(self.ids)

    def program(self, number: int, program: Program) -> None:
        """Say what a program does."""
        self._programs[number] = program

    def constant(self, texts: Sequence[str]) -> int:
        """Write down what a column always says and give the number of it."""
        return self._add(texts)

    def learn(self, number: int, raw: bytes) -> None:
        """Ask a program about a value, which is the inside of a text of JSON, a number or a word."""
        text = _unescaped(raw)
        found = None if text is None else self._programs[number](text)
        self._learnt += 1
        h0, h1 = hash_of(raw, kernels.VALUE_SALT + U(number), self.secret)
        self.ids[hashes.put(self.keys, h0, h1)] = _LEFT_TO_READERS if found is None or not _is_fit(found) else self._add(found)

    def _add(self, texts: Sequence[str]) -> int:
        written = [text.encode() for text in texts]
        self._room(len(written), sum(map(len, written)))
        for one in written:
            self.elements[self._elements] = self._bytes, len(one)
            self.spelt[self._bytes : self._bytes + len(one)] = np.frombuffer(one, np.uint8)
            self._elements += 1
            self._bytes += len(one)
        digits = texts[0].removeprefix("-") if texts else ""
        self.numbers[self._values] = int(texts[0]) if digits.isdecimal() and len(digits) <= 19 else 0
        self._values += 1
        self.elements_at[self._values] = self._elements
        return self._values - 1

    def _room(self, elements: int, size: int) -> None:
        self.elements_at = _longer(self.elements_at, self._values + 2)
        self.numbers = _longer(self.numbers, self._values + 1)
        self.elements = _longer(self.elements, self._elements + elements + 1)
        self.spelt = _longer(self.spelt, self._bytes + size + _SLACK)


def _is_fit(found: Sequence[str]) -> bool:
    """Say whether what was found can be kept: it is not too much, and UTF-8 can hold it."""
    return len(found) <= _MOST_ELEMENTS and all(text.isascii() or text == text.encode(errors="replace").decode() for text in found)


def _unescaped(raw: bytes) -> str | None:
    try:
        return msgspec.json.decode(b'"%b"' % raw, type=str)
    except ValueError:
        found = decode(b'{"v":"%b"}' % raw)
        value = getattr(found, "value", {}).get("v")
        return value if isinstance(value, str) else None


def hash_of(raw: bytes, salt: np.uint64, secret: NDArray[np.uint64]) -> tuple[np.uint64, np.uint64]:
    """Hash bytes as the kernel does."""
    h0, h1 = cast("tuple[int, int]", hashes.hashed_text(np.array(bytearray(raw), np.uint8), salt, secret))
    return U(h0), U(h1)


def _longer(array: NDArray[Any], wanted: int) -> NDArray[Any]:
    if wanted <= len(array):
        return array
    grown = np.zeros((max(wanted, 2 * len(array)), *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown
