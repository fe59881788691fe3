"""Patterns that run in time linear in the text, by RE2. Owns ingest's door to it; what is looked for is its callers' business.

RE2's match objects cost three times the match itself, so spans are taken from beneath them: here, and nowhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Protocol, cast

import re2

SET_MEMORY_BYTES = 256 * 1024 * 1024
"""What a set of patterns may use at most; a few MiB are usual."""
_Spans = Callable[[object, bytes, int, int], list[tuple[int, int]]]
_Refused = cast("type[Exception]", re2.error)
_UNANCHORED: object = vars(re2)["_Anchor"].UNANCHORED


class _Set(Protocol):
    def Add(self, pattern: str) -> int: ...  # noqa: N802 - RE2's own names
    def Compile(self) -> None: ...  # noqa: N802 - RE2's own names


class Pattern:
    """One pattern with named groups, searched anywhere in a text."""

    __slots__ = ("_named", "_spans")

    def __init__(self, pattern: str, names: Mapping[str, str] | None = None) -> None:
        """Compile it; `names` gives another name to a group.

        Raises:
            ValueError: RE2 does not understand the pattern; the message says why.
        """
        try:
            compiled = re2.compile(pattern, _options())
        except _Refused as error:
            raise ValueError(f"{pattern!r} is not a pattern that RE2 understands: {_words(error)}") from error
        self._spans = cast("_Spans", object.__getattribute__(compiled, "_regexp").Match)
        numbers = cast("dict[str, int]", compiled.groupindex)
        self._named = tuple(((names or {}).get(name, name), at) for name, at in sorted(numbers.items(), key=itemgetter(1)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups."""
        return tuple(name for name, _ in self._named)

    def groups(self, text: str) -> dict[str, str] | None:
        """Give the named groups of the first match that took part in it; none if nothing matches."""
        data = _encoded(text)
        spans = self._spans(_UNANCHORED, data, 0, len(data))
        if spans[0][0] < 0:
            return None
        found: dict[str, str] = {}
        if len(data) == len(text):  # one byte a character: offsets are the same
            for name, at in self._named:
                start, end = spans[at]
                if start >= 0:
                    found[name] = text[start:end]
            return found
        for name, at in self._named:
            start, end = spans[at]
            if start >= 0:
                found[name] = data[start:end].decode(errors="replace")
        return found


class PatternSet:
    """Several patterns asked at once; the time does not grow with their number."""

    __slots__ = ("_match",)

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile them.

        Raises:
            ValueError: RE2 does not understand one of them, or all together need too much memory.
        """
        found = cast("_Set", re2.Set.SearchSet(_options(never_capture=True)))
        for pattern in patterns:
            try:
                found.Add(pattern)
            except _Refused as error:
                raise ValueError(f"{pattern!r} is not a pattern that RE2 understands: {_words(error)}") from error
        try:
            found.Compile()
        except _Refused as error:
            raise ValueError(f"{len(patterns)} patterns together need more than {SET_MEMORY_BYTES // 2**20} MiB") from error
        self._match = cast("Callable[[bytes], list[int]]", object.__getattribute__(found, "_set").Match)

    def first(self, text: str) -> int:
        """Give the place of the first pattern, in the order given, that matches anywhere; -1 if none does."""
        found = self._match(_encoded(text))
        return min(found) if found else -1


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, as JSON may hold
        return text.encode(errors="replace")


def _options(*, never_capture: bool = False) -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = never_capture
    if never_capture:
        options.max_mem = SET_MEMORY_BYTES
    return options


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
