"""Text matching with Sigma's wildcards, in time linear in the value for each wildcard. Owns case folding; regular expressions stand elsewhere."""

import re
from collections.abc import Callable, Sequence

from watchkeeper.detection.sigma.condition import Text, Wild

Matches = Callable[[str], bool]


def fold(text: str) -> str:
    """Give the text as it is compared when case does not matter: Unicode lower case.

    Greek final sigma becomes sigma, for lower case depends on what stands beside it there, and a part would no longer be found in the whole.
    """
    return text.lower() if text.isascii() else text.lower().replace("ς", "σ")


def shape(text: Text) -> tuple[str, str]:
    """Name the simple shape of a text and its literal: equals, starts, ends, contains, any, or glob (literal empty)."""
    parts = _tidy(text)
    literal = "".join(part for part in parts if isinstance(part, str))
    outline = "".join("x" if isinstance(part, str) else part.value for part in parts)
    names = {"": "equals", "x": "equals", "x*": "starts", "*x": "ends", "*x*": "contains", "*": "any"}
    name = names.get(outline, "glob")
    return name, "" if name == "glob" else literal


def glob(text: Text) -> Matches:
    """Compile a text with any wildcards; the value must be folded first unless the text is cased.

    Between stars each piece is looked for from the left, which finds a match whenever there is one; the last piece is anchored at the end.
    """
    pieces = [_piece(piece) for piece in _split(_tidy(text))]
    if len(pieces) == 1:
        whole = pieces[0]
        return lambda value: whole.fullmatch(value) is not None
    first, middle, last = pieces[0], pieces[1:-1], re.compile(f"(?:{pieces[-1].pattern})\\Z", re.DOTALL)
    last_length = _length(_split(_tidy(text))[-1])

    def matches(value: str) -> bool:
        found = first.match(value)
        for piece in middle:
            if found is None:
                return False
            found = piece.search(value, found.end())
        start = len(value) - last_length
        return found is not None and start >= found.end() and last.match(value, start) is not None

    return matches


def _tidy(text: Text) -> list[str | Wild]:
    """Join neighbouring literals, drop empty ones and doubled stars, and fold unless cased."""
    tidy: list[str | Wild] = []
    for part in text.parts:
        last = tidy[-1] if tidy else None
        if isinstance(part, str) and isinstance(last, str):
            tidy[-1] = last + part
        elif part and not (part is Wild.MANY and last is Wild.MANY):
            tidy.append(part)
    return tidy if text.cased else [fold(part) if isinstance(part, str) else part for part in tidy]


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


def _length(parts: Sequence[str | Wild]) -> int:
    return sum(len(part) if isinstance(part, str) else 1 for part in parts)
