"""Ranges of versions out of one kind of sentence, which CVE's own editor writes from its fields. Other prose is never guessed at.

Source: Vulnogram's suggested description, "This issue affects PRODUCT: from A before B, from C through D; OTHER: through E."
"""

import re
from collections.abc import Iterator

from watchkeeper.assets.vulnerabilities.vulnerability import Range

_SENTENCE = re.compile(r"[Tt]his issue affects ([^\n]{1,2000})")
_STEP = re.compile(r"(?:from (?P<low>[^\s,;]{1,60}) ?)?(?:(?P<sign>through|before) (?P<high>[^\s,;]{1,60}))?")
_VERSION = re.compile(r"v?\d[\w.+-]{0,60}")
_NO_LOW = frozenset({"n/a", "0", "*", "unspecified"})


def ranges_for(text: str, product: str) -> tuple[Range, ...]:
    """Give the affected ranges that a description names for a product; none if it has no such sentence about it, or one that says more."""
    found = _SENTENCE.search(text)
    pieces = list(_pieces(found[1], product.strip())) if found and product else []
    ranges = tuple(one for piece in pieces if (one := _range(piece)) is not None)
    return ranges if len(ranges) == len(pieces) else ()


def _pieces(said: str, product: str) -> Iterator[str]:
    """Give what is said of one product, where several may be named."""
    found = re.search(rf"(?:^|; ){re.escape(product)} ?: ", said, re.IGNORECASE)
    if not found:
        return
    for part in said[found.end() :].split(". ", 1)[0].strip().rstrip(".").split(";"):
        if ": " in part:  # the next product begins
            return
        yield from (piece.strip() for piece in part.split(","))


def _range(piece: str) -> Range | None:
    if _VERSION.fullmatch(piece):
        return Range(piece, piece, has_high=True)
    found = _STEP.fullmatch(piece)
    if not found or not piece or not found["high"] or not _VERSION.fullmatch(found["high"]):
        return None
    low = found["low"] or ""
    if low and low not in _NO_LOW and not _VERSION.fullmatch(low):
        return None
    return Range("" if low in _NO_LOW else low, found["high"], has_high=found["sign"] == "through")
