r"""Regular expressions in bounded time. Owns the choice of engine; what a rule asks of a field stands in `condition`.

RE2 runs in time linear in the value. What it refuses (look-around, back references, very large repeats) runs in `regex`, which backtracks,
under a time limit: a search that reaches it counts as no match, and is counted. They also differ in this: in RE2 `\d \s \w \b` know ASCII
alone and `$` is the very end; in `regex` they know Unicode and `$` also stands before a last line feed.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Protocol, cast

import re2
import regex as backtracking

from watchkeeper.detection.sigma.condition import Regex

MEMORY_BYTES = 64 * 1024 * 1024
"""What RE2 may use for one pattern; what needs more is refused at compile time."""
LIMIT_SECONDS = 0.05
"""What one search may take where the engine backtracks."""
PATIENCE = 100
"""After so many searches that reached the limit, a pattern gets only a twentieth of it, so that hostile values cannot stall everything."""
MOST_CHARACTERS = 65_536
"""Only this much of a value is searched where the engine backtracks."""
_given_up: Counter[str] = Counter()
_cut_short: Counter[str] = Counter()


class _Set(Protocol):
    """RE2's set of patterns, here always of one: it answers yes or no and is several times faster than its match objects."""

    def Add(self, pattern: str) -> int: ...  # noqa: N802 - RE2's own names
    def Compile(self) -> None: ...  # noqa: N802 - RE2's own names
    def Match(self, text: str) -> list[int] | None: ...  # noqa: N802 - RE2's own names


_SURROGATE = re.compile("[\ud800-\udfff]")


class Watch:
    """Counts, from when it is made, the searches in this process that came upon a limit."""

    def __init__(self) -> None:
        """Begin to count."""
        self._given_up, self._cut_short = Counter(_given_up), Counter(_cut_short)

    def hand_over(self) -> tuple[dict[str, int], dict[str, int]]:
        """Give how many searches of each pattern were given up, and how many values cut short, and begin to count anew."""
        counted = dict(_given_up - self._given_up), dict(_cut_short - self._cut_short)
        self._given_up, self._cut_short = Counter(_given_up), Counter(_cut_short)
        return counted

    def take_over(self, given_up: Mapping[str, int], cut_short: Mapping[str, int]) -> None:
        """Add what another process has counted."""
        self._given_up.subtract(given_up)
        self._cut_short.subtract(cut_short)

    def problems(self) -> Iterator[str]:
        """Yield one sentence for each pattern and limit."""
        for pattern, count in (_given_up - self._given_up).items():
            yield f"the pattern {pattern!r} was given up on {count:,} values, which took too long to search; they count as no match"
        for pattern, count in (_cut_short - self._cut_short).items():
            yield f"the pattern {pattern!r} saw only the first {MOST_CHARACTERS:,} characters of {count:,} values"


@cache
def search(regex: Regex) -> Callable[[str], bool]:
    """Compile a search for the pattern anywhere in a value.

    Raises:
        ValueError: neither engine understands the pattern.
    """
    bounded = _bounded(regex)
    if bounded is not None:
        return lambda value: _in_set(bounded, value)
    try:
        compiled = backtracking.compile(_flagged(regex))
    except (backtracking.error, OverflowError) as error:
        raise ValueError(f"{regex.pattern!r} is not a regular expression: {error}") from error
    return lambda value: _within_limit(compiled, regex.pattern, value)


def _in_set(patterns: _Set, value: str) -> bool:
    """Search; a lone surrogate, which UTF-8 cannot hold, is U+FFFD to the pattern, so that it hides nothing and stops nothing."""
    try:
        return bool(patterns.Match(value))
    except UnicodeEncodeError:
        return bool(patterns.Match(_SURROGATE.sub("\ufffd", value)))


def _within_limit(compiled: "backtracking.Pattern[str]", pattern: str, value: str) -> bool:
    if len(value) > MOST_CHARACTERS:
        _cut_short[pattern] += 1
    limit = LIMIT_SECONDS if _given_up[pattern] < PATIENCE else LIMIT_SECONDS / 20
    try:
        return compiled.search(value, endpos=MOST_CHARACTERS, timeout=limit) is not None
    except TimeoutError:
        _given_up[pattern] += 1
        return False


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
