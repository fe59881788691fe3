"""Text matching with Sigma's wildcards, without backtracking. Owns case folding; regular expressions stand elsewhere."""

import re
from collections.abc import Callable, Iterable, Sequence

from watchkeeper.detection.sigma.condition import Text, Wild

_SHAPES: dict[tuple[Wild | None, ...], str] = {
    (): "equals",
    (None,): "equals",
    (None, Wild.MANY): "starts",
    (Wild.MANY, None): "ends",
    (Wild.MANY, None, Wild.MANY): "contains",
    (Wild.MANY,): "any",
}
"""Shapes by where wildcards stand; none stands for a literal."""

Matches = Callable[[str], bool]


def fold(text: str) -> str:
    """Give the text as it is compared when case does not matter: Unicode lower case.

    Greek final sigma becomes sigma: its lower case depends on what stands beside it, and a part would no longer be found in the whole.
    """
    return text.lower() if text.isascii() else text.lower().replace("ς", "σ")


def text(parts: Iterable[str | Wild], *, cased: bool = False) -> Text:
    """Make a text of literals and wildcards: neighbours are joined, what adds nothing is dropped, and literals are folded unless cased."""
    tidy: list[str | Wild] = []
    for part in parts:
        last = tidy[-1] if tidy else None
        if isinstance(part, str) and isinstance(last, str):
            tidy[-1] = last + part
        elif part and not (part is Wild.MANY and last is Wild.MANY):
            tidy.append(part)
    return Text(tuple(tidy if cased else (fold(part) if isinstance(part, str) else part for part in tidy)), cased)


def shape(text: Text) -> tuple[str, str]:
    """Name the simple shape of a text and its literal: equals, starts, ends, contains, any, or glob (literal empty)."""
    outline = tuple(part if isinstance(part, Wild) else None for part in text.parts)
    name = _SHAPES.get(outline, "glob")
    return name, "" if name == "glob" else next((part for part in text.parts if isinstance(part, str)), "")


def glob(text: Text) -> Matches:
    """Compile a text with any wildcards; the value must be folded first unless the text is cased.

    Between stars each piece is looked for from the left, which finds a match whenever there is one; the last piece is anchored at the end.
    """
    pieces = _split(text.parts)
    first, middle, last = _piece(pieces[0]), [_piece(piece) for piece in pieces[1:-1]], _piece(pieces[-1])
    if len(pieces) == 1:
        return lambda value: first.fullmatch(value) is not None
    last_length = sum(len(part) if isinstance(part, str) else 1 for part in pieces[-1])

    def matches(value: str) -> bool:
        found = first.match(value)
        for piece in middle:
            if found is None:
                return False
            found = piece.search(value, found.end())
        start = len(value) - last_length
        return found is not None and start >= found.end() and last.fullmatch(value, start) is not None

    return matches


def _split(parts: Sequence[str | Wild]) -> list[list[str | Wild]]:
    pieces: list[list[str | Wild]] = [[]]
    for part in parts:
        if part is Wild.MANY:
            pieces.append([])
        else:
            pieces[-1].append(part)
    return pieces


def _piece(parts: Sequence[str | Wild]) -> re.Pattern[str]:
    """Compile a piece without stars: it has no repetition, so it cannot backtrack."""
    return re.compile("".join(re.escape(part) if isinstance(part, str) else "." for part in parts), re.DOTALL)
