"""Keywords: texts that a rule wants anywhere in an event, found by one pass over all its bytes. Owns the search; the reference decides.

    bytes of many events  ──Hyperscan──►  (number, end of the match)  ──►  event  ──►  rules that want one of the texts found

The search may find too much, never too little: letters that a JSON string hides in an escape, and the few characters outside ASCII that
become ASCII letters in lower case, count as every text.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import cast

import hyperscan
import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.sigma.condition import Test, Text

_FLAGS = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_DOTALL
_FOLDING_TO_ASCII = r"\xe2\x84\xaa|\xc4\xb0"
"""The Kelvin sign and the capital I with a dot."""
_HIDDEN_LETTERS = r"\\u00(?:3[0-9]|[46][1-9a-f]|[57][0-9a])|\\u212a|\\u0130"
_LONGEST = 32
"""Characters of a text that are searched for: Hyperscan refuses very long patterns."""
EVERY = 0
"""Number of a match that counts as every text."""


def keyword(test: Test) -> str | None:
    """Give a text, folded ASCII, that stands in every value on which a keyword's test holds; none if there is none to search for."""
    if not isinstance(test, Text):
        return None
    longest = max((run for part in test.parts if isinstance(part, str) for run in _ascii(part)), key=len, default="")
    return longest[:_LONGEST].lower() or None


def _ascii(text: str) -> Sequence[str]:
    """Give the stretches of a text that are ASCII."""
    return "".join(letter if letter.isascii() else "\n" for letter in text).split("\n")


class Search:
    """Finds texts in bytes."""

    def __init__(self, texts: Iterable[str], *, escaped: bool) -> None:
        """Take the texts, folded ASCII; `escaped` says that the bytes are JSON."""
        self.texts = tuple(dict.fromkeys(texts))
        hidden = f"{_FOLDING_TO_ASCII}|{_HIDDEN_LETTERS}" if escaped else _FOLDING_TO_ASCII
        patterns = [hidden, *("".join(_pattern(letter, escaped=escaped) for letter in text) for text in self.texts)]
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=[pattern.encode() for pattern in patterns], ids=list(range(len(patterns))), flags=[_FLAGS] * len(patterns)
        )

    def found(self, data: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the numbers of what was found (0 for every text, else 1 + place of the text), and where each match ends."""
        matches: list[tuple[int, int]] = []
        scan = cast("Callable[..., None]", self._database.scan)  # its types know bytes alone
        scan(data.data, match_event_handler=_noted, context=matches)
        columns = np.array(matches, np.int64).reshape(-1, 2)
        return columns[:, 0], columns[:, 1]

    def meant(self, number: int) -> Sequence[str]:
        """Give the texts that a number found stands for."""
        return self.texts if number == EVERY else (self.texts[number - 1],)


def _noted(number: int, _: int, end: int, __: int, matches: list[tuple[int, int]]) -> None:
    matches.append((number, end))


def _pattern(letter: str, *, escaped: bool) -> str:
    plain = rf"\x{ord(letter):02x}"
    if letter.isalnum() or not escaped:
        return plain
    ways = [rf"\\u{ord(letter):04x}"]
    if letter in '"\\/':
        ways.append(rf"\\\x{ord(letter):02x}")
    if letter in "\b\f\n\r\t":
        ways.append(r"\\" + {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}[letter])
    if letter not in '"\\':
        ways.append(plain)
    return f"(?:{'|'.join(ways)})"
