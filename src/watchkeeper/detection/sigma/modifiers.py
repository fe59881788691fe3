"""Modifiers that pySigma lacks or reads otherwise than the specification. Owns these; every other modifier is pySigma's.

An encoded text is held as its bytes, each as the character of that number, so that nothing is lost between `wide` and `base64`.
Source: Sigma specification 2.1, appendix of modifiers.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeGuard, cast

from sigma.modifiers import (
    SigmaCaseSensitiveModifier,
    SigmaModifier,
    SigmaValueModifier,
    modifier_mapping,
)
from sigma.types import Placeholder, SigmaCasedString, SigmaExpansion, SigmaFieldReference, SigmaString, SigmaType

MOST_DASHES = 3
"""So many dashes of one value are varied, each in five ways."""

_DASHES = "-/\u2013\u2014\u2015"
_DASH = re.compile(rf"\B[{_DASHES}]\b")
_OF_TEXT = frozenset(("contains", "startswith", "endswith", "cased", "re", "windash", "expand"))
"""Modifiers that take text; a number written there is meant as its digits."""
_ENCODES = frozenset(("base64", "base64offset", "wide", "utf16", "utf16le", "utf16be"))
"""Modifiers that encode text; the same holds."""


class _Bytes(SigmaString):
    """A text that stands for bytes."""


class _Encoding(SigmaValueModifier[SigmaString, SigmaString]):
    encoding: Literal["utf-16-le", "utf-16-be"] = "utf-16-le"
    mark = b""

    def modify(self, val: SigmaString) -> SigmaString:
        found = _Bytes()
        found.s = [part.encode(self.encoding).decode("latin-1") if isinstance(part, str) else part for part in val.s]
        if self.mark:
            found.s.insert(0, self.mark.decode("latin-1"))
        return found


class Wide(_Encoding):
    """UTF-16 with the low byte first."""


class Utf16BigEndian(_Encoding):
    """UTF-16 with the high byte first."""

    encoding = "utf-16-be"


class Utf16(_Encoding):
    """UTF-16 with the low byte first, after a byte order mark."""

    mark = b"\xff\xfe"


class Base64(SigmaValueModifier[SigmaString, SigmaString]):
    """The whole value in Base64."""

    def modify(self, val: SigmaString) -> SigmaString:
        """Encode it."""
        return SigmaString.from_str(b64encode(_plain_bytes(val)).decode())


class Base64Offset(SigmaValueModifier[SigmaString, SigmaExpansion]):
    """What the value becomes within something longer in Base64: it may begin at any of three places of a group."""

    def modify(self, val: SigmaString) -> SigmaExpansion:
        """Encode it at each place, without the letters that what stands beside it would change."""
        data = _plain_bytes(val)
        return SigmaExpansion([SigmaString.from_str(_within(data, place)) for place in range(3)])


class Dashes(SigmaValueModifier[SigmaString, SigmaExpansion]):
    """A dash before a word in each of its five forms."""

    def modify(self, val: SigmaString) -> SigmaExpansion:
        """Vary each dash by itself.

        Raises:
            ValueError: there are too many.
        """
        marked = val.replace_with_placeholder(_DASH, "_dash")
        count = sum(isinstance(part, Placeholder) for part in marked.s)
        if count > MOST_DASHES:
            raise ValueError(
                f"windash varies at most {MOST_DASHES} dashes of one value, and {str(val)!r} has {count}; split it into several"
            )
        return SigmaExpansion(cast("list[SigmaType]", marked.replace_placeholders(_each_dash)))


class Cased(SigmaCaseSensitiveModifier):
    """Case matters, also for what another field says."""

    def modify(self, val: SigmaString | SigmaFieldReference) -> Any:
        """Mark a text; a field reference is marked by the modifier itself."""
        return val if isinstance(val, SigmaFieldReference) else SigmaCasedString.from_sigma_string(val)


def _plain_bytes(val: SigmaString) -> bytes:
    if val.contains_special():
        raise ValueError("a wildcard cannot be encoded in Base64; take it out or escape it")
    return "".join(part for part in val.s if isinstance(part, str)).encode("latin-1" if isinstance(val, _Bytes) else "utf-8")


def _within(data: bytes, place: int) -> str:
    """Give the letters that depend on the data alone when so many bytes of a group of three stand before it."""
    letters = b64encode(bytes(place) + data).decode().rstrip("=")
    certain = (place + len(data)) * 8 // 6
    return letters[-(-place * 8 // 6) : certain]


def _each_dash(mark: Placeholder) -> Iterator[Any]:
    yield from _DASHES if mark.name == "_dash" else [mark]


def as_text(detection: object) -> Any:
    """Give a detection in which numbers and booleans are text wherever a modifier takes text."""
    if isinstance(detection, list):
        return [as_text(one) for one in cast("list[object]", detection)]
    if not _is_mapping(detection):
        return detection
    return {key: _values(key, value) for key, value in detection.items()}


def _values(key: object, value: object) -> object:
    modifiers = set(str(key).split("|")[1:])
    if modifiers & (_OF_TEXT | _ENCODES):
        return [_digits(one) for one in cast("list[object]", value)] if isinstance(value, list) else _digits(value)
    return as_text(value)


def _digits(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _is_mapping(node: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(node, dict)


_OURS: dict[str, type[SigmaModifier[Any, Any]]] = {
    "base64": Base64,
    "base64offset": Base64Offset,
    "cased": Cased,
    "utf16": Utf16,
    "utf16be": Utf16BigEndian,
    "utf16le": Wide,
    "wide": Wide,
    "windash": Dashes,
}
modifier_mapping.update(_OURS)
MODIFIERS = tuple(modifier_mapping)
"""Names of the modifiers that are understood."""
