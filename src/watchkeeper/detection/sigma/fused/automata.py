r"""Patterns and texts with wildcards as automata of at most 64 positions, for values in ASCII. Owns no search; `kernels_match` does.

    a+b|c    positions a0 b1 c2      first {0, 2}      last {1, 2}      follow 0 -> {0, 1}

    row      256 words: by byte, the positions that take it | 64: by position, those that may follow | first | last | how

What an automaton says is what the reference says; where that is not sure, there is none.
Source: Glushkov, "The abstract theory of automata", 1961.
"""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.detection.sigma.condition import Regex, Text, Wild
from watchkeeper.detection.sigma.fused.kernels_match import AT_END, AT_START, AUTOMATON, FOLDED
from watchkeeper.detection.sigma.fused.literals import codes, parsed
from watchkeeper.detection.sigma.regex import is_bounded

_MOST = 64
_ALL = (1 << 128) - 1
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}

Part = tuple[int, int, bool]
"""First positions, last positions, and whether the part may be empty."""


class _Unsure(Exception):  # noqa: N818 - it is no error, it says that there is no automaton
    """The reference has to be asked."""


def of_regex(regex: Regex) -> NDArray[np.uint64] | None:
    """Give the automaton of a regular expression that RE2 runs, as it runs it; none if it has too many positions or is not so simple."""
    tree = parsed(regex, sum(_FLAGS[flag] for flag in regex.flags)) if is_bounded(regex) else None
    if tree is None:
        return None
    flags, items, how = tree.state.flags, list(tree), 0
    if flags & re.IGNORECASE and not regex.pattern.isascii():
        return None
    if not flags & re.MULTILINE:
        if items and items[0][0] is codes.AT and items[0][1] in {codes.AT_BEGINNING, codes.AT_BEGINNING_STRING}:
            how, items = how | AT_START, items[1:]
        if items and items[-1][0] is codes.AT and items[-1][1] in {codes.AT_END, codes.AT_END_STRING}:
            how, items = how | AT_END, items[:-1]
    automaton = _Automaton(flags)
    try:
        return automaton.row(automaton.sequence(items), how)
    except _Unsure:
        return None


def of_text(text: Text) -> NDArray[np.uint64] | None:
    """Give the automaton of a text with wildcards; none if it has too many positions."""
    automaton, parts = _Automaton(0), list(text.parts)
    how = 0 if text.cased else FOLDED
    while parts and parts[0] is Wild.MANY:
        parts.pop(0)
    while parts and parts[-1] is Wild.MANY:
        parts.pop()
    how |= AT_START * (text.parts[:1] != (Wild.MANY,)) | AT_END * (text.parts[-1:] != (Wild.MANY,))
    try:
        return automaton.row(automaton.joined(one for part in parts for one in automaton.wild(part)), how)
    except _Unsure:
        return None


class _Automaton:
    """Positions made so far: the characters they take, and what may follow them."""

    def __init__(self, flags: int) -> None:
        self._flags = flags
        self._takes: list[int] = []
        self._follow: list[int] = []

    def row(self, whole: Part, how: int) -> NDArray[np.uint64]:
        """Lay the automaton out for the kernel."""
        first, last, empty = whole
        if empty:
            raise _Unsure
        made = np.zeros(AUTOMATON, np.uint64)
        taken = np.frombuffer(b"".join(takes.to_bytes(16, "little") for takes in self._takes), np.uint8).reshape(-1, 16)
        bits = np.unpackbits(taken, axis=1, bitorder="little").astype(np.uint64)
        made[:128] = np.bitwise_or.reduce(bits << np.arange(len(bits), dtype=np.uint64)[:, None])
        made[256 : 256 + len(self._follow)] = self._follow
        made[-3:] = first, last, how
        return made

    def sequence(self, items: Iterable[Any]) -> Part:
        """Make the parts of the library's parser, one after the other."""
        return self.joined(self._part(code, detail) for code, detail in items)

    def joined(self, parts: Iterable[Part]) -> Part:
        """Join parts one after the other."""
        first, last, empty = 0, 0, True
        for one_first, one_last, one_empty in parts:
            self._link(last, one_first)
            first |= one_first if empty else 0
            last = one_last | (last if one_empty else 0)
            empty = empty and one_empty
        return first, last, empty

    def wild(self, part: str | Wild) -> Iterable[Part]:
        """Yield the parts of a text: its characters, or a wildcard."""
        match part:
            case Wild.ONE:
                yield self._position(_ALL)
            case Wild.MANY:
                yield self._again(self._position(_ALL))
            case _:
                yield from (self._position(1 << ord(one) & _ALL) for one in part)

    def _position(self, takes: int) -> Part:
        if len(self._takes) == _MOST:
            raise _Unsure
        self._takes.append(takes)
        self._follow.append(0)
        bit = 1 << len(self._takes) - 1
        return bit, bit, False

    def _link(self, last: int, first: int) -> None:
        for position in range(len(self._follow)):
            if last >> position & 1:
                self._follow[position] |= first

    def _again(self, part: Part) -> Part:
        self._link(part[1], part[0])
        return part[0], part[1], True

    def _part(self, code: Any, detail: Any) -> Part:
        if code in {codes.LITERAL, codes.NOT_LITERAL}:
            return self._position(self._set([(codes.LITERAL, detail)], negated=code is codes.NOT_LITERAL))
        if code is codes.ANY:
            return self._position(_ALL if self._flags & re.DOTALL else _ALL & ~(1 << 10))
        if code is codes.IN:
            negated = detail[0][0] is codes.NEGATE
            return self._position(self._set(detail[1:] if negated else detail, negated=negated))
        if code is codes.SUBPATTERN and not detail[1] and not detail[2]:
            return self.sequence(detail[3])
        if code is codes.BRANCH:
            several = [self.sequence(one) for one in detail[1]]
            return _union(one[0] for one in several), _union(one[1] for one in several), any(one[2] for one in several)
        if code in {codes.MAX_REPEAT, codes.MIN_REPEAT}:
            return self._repeated(*detail)
        raise _Unsure

    def _repeated(self, least: int, most: Any, items: Any) -> Part:
        copies = [self.sequence(items) for _ in range(min(least, _MOST + 1))]
        if most is codes.MAXREPEAT:
            copies.append(self._again(self.sequence(items)))
        else:
            copies += [(first, last, True) for first, last, _ in (self.sequence(items) for _ in range(min(most - least, _MOST + 1)))]
        return self.joined(copies)

    def _set(self, items: Iterable[Any], *, negated: bool) -> int:
        takes = 0
        for code, detail in items:
            if code is codes.LITERAL:
                takes |= 1 << detail if detail < 128 else 0
            elif code is codes.RANGE:
                takes |= sum(1 << byte for byte in range(detail[0], min(detail[1], 127) + 1))
            elif code is codes.CATEGORY and detail in _CATEGORIES:
                takes |= _CATEGORIES[detail]
            else:
                raise _Unsure
        if self._flags & re.IGNORECASE:
            upper, lower = takes & _UPPER, takes & _UPPER << 32
            takes |= upper << 32 | lower >> 32
        return _ALL & ~takes if negated else takes


def _union(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


def _of(characters: str) -> int:
    return _union(1 << ord(one) for one in characters)


_UPPER = _of("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DIGIT, _SPACE = _of("0123456789"), _of("\t\n\f\r ")
_WORD = _DIGIT | _UPPER | _UPPER << 32 | _of("_")
_CATEGORIES: dict[Any, int] = {
    codes.CATEGORY_DIGIT: _DIGIT,
    codes.CATEGORY_NOT_DIGIT: _ALL & ~_DIGIT,
    codes.CATEGORY_SPACE: _SPACE,
    codes.CATEGORY_NOT_SPACE: _ALL & ~_SPACE,
    codes.CATEGORY_WORD: _WORD,
    codes.CATEGORY_NOT_WORD: _ALL & ~_WORD,
}
"""As RE2 has them."""
