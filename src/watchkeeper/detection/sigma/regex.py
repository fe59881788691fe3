r"""Regular expressions in bounded time. Owns the choice of engine; what a rule asks of a field stands in `condition`.

RE2 runs in time linear in the value. Python's `re` is used only for what RE2 refuses (look-around, back references, very
large repeats) and may take exponential time there, so rules that need it are named to the user. They also differ in this:
in RE2 `\d \s \w \b` know ASCII alone and `$` is the very end; in `re` they know Unicode and `$` also stands before a last
line feed.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Protocol, cast

import re2

from watchkeeper.detection.sigma.condition import Regex

MEMORY_BYTES = 64 * 1024 * 1024
"""What RE2 may use for one pattern; what needs more is refused at compile time."""


class _Set(Protocol):
    """RE2's set of patterns, here always of one: it answers yes or no and is several times faster than its match objects."""

    def Add(self, pattern: str) -> int: ...  # noqa: N802 - RE2's own names
    def Compile(self) -> None: ...  # noqa: N802 - RE2's own names
    def Match(self, text: str) -> list[int] | None: ...  # noqa: N802 - RE2's own names


@cache
def search(regex: Regex) -> Callable[[str], bool]:
    """Compile a search for the pattern anywhere in a value.

    Raises:
        ValueError: neither engine understands the pattern.
    """
    bounded = _bounded(regex)
    if bounded is not None:
        return lambda value: bool(bounded.Match(value))
    try:
        compiled = re.compile(_flagged(regex))
    except (re.error, OverflowError) as error:
        raise ValueError(f"{regex.pattern!r} is not a regular expression: {error}") from error
    return lambda value: compiled.search(value) is not None


def is_bounded(regex: Regex) -> bool:
    """Say whether the pattern runs in RE2."""
    return _bounded(regex) is not None


@cache
def _bounded(regex: Regex) -> _Set | None:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MEMORY_BYTES
    patterns = cast("_Set", re2.Set.SearchSet(options))
    try:
        patterns.Add(_flagged(regex))
    except re2.error:
        return None
    patterns.Compile()
    return patterns


def _flagged(regex: Regex) -> str:
    return f"(?{regex.flags}){regex.pattern}" if regex.flags else regex.pattern
