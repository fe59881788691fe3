"""Ranges of versions out of one kind of sentence, which CVE's own editor writes from its fields. Other prose is never guessed at.

Source: Vulnogram's suggested description, "This issue affects PRODUCT: from A before B; from C through D."
"""

import re

from watchkeeper.assets.vulnerabilities.vulnerability import Range

_SENTENCE = re.compile(r"[Tt]his issue affects ([^:\n]{1,200}): ([^\n]{1,1000})")
_STEP = re.compile(r"(?:from (?P<low>[^\s,;]{1,60}) ?)?(?:(?P<sign>through|before) (?P<high>[^\s,;]{1,60}))?")
_VERSION = re.compile(r"v?\d[\w.+-]{0,60}")
_NO_LOW = frozenset({"n/a", "0", "*", "unspecified"})


def ranges_for(text: str, product: str) -> tuple[Range, ...]:
    """Give the affected ranges that a description names for a product; none if it has no such sentence about it, or one that says more."""
    found = _SENTENCE.search(text)
    if not found or found[1].strip().casefold() != product.strip().casefold():
        return ()
    said = found[2].split(". ", 1)[0].strip().rstrip(".")
    ranges = [_range(piece.strip()) for piece in re.split(r"[;,]", said)]
    whole = tuple(one for one in ranges if one is not None)
    return whole if len(whole) == len(ranges) else ()


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
