r"""Which literals must stand in a value for a test to hold. Owns no search; it never says too much, and may say nothing.

Text    starts*  mid?dle  *ends   ──►   starts "starts"   contains "mid"   contains "dle"   ends "ends"      every one must be there
Regex   net\s+(user|group) .x     ──►   contains "net"    contains "user" or "group"                        one of each clause
"""

import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from watchkeeper.detection.sigma.condition import Regex, Text
from watchkeeper.detection.sigma.fused.kernels_match import ANYWHERE, AT_END, AT_START
from watchkeeper.detection.sigma.regex import is_bounded
from watchkeeper.detection.sigma.text import fold

codes: Any = import_module("re._constants")
parser: Any = import_module("re._parser")
MOST_CLAUSES = 4
"""More clauses than this are not looked for: the longest tell enough."""
_MOST_ALTERNATIVES = 32
_EVERYWHERE = frozenset(" \\-:./0")
"""What nearly every value has: to look for it alone is not worth it."""
_OTHER_DIALECT = re.compile(r"\[:|\{,|\(\?[a-zA-Z-]*x")
_INEXACT = re.compile(r"\{[^}\d]")
"""Where the engines and the standard library's parser read a pattern differently; the second, where RE2 does not run it."""
_THE_VERY_END = re.compile(r"(?<!\\)((?:\\\\)*)\\z")


class Literal(NamedTuple):
    """A folded literal and where it must stand."""

    where: int
    """`ANYWHERE`, `AT_START`, `AT_END` or `WHOLE`."""
    text: str


Clause = Sequence[Literal]
"""Literals one of which must stand in the folded value."""


def of_text(text: Text) -> Sequence[Clause]:
    """Give the clauses of a text, the longest first; none if it has no literal."""
    last = len(text.parts) - 1
    found = [
        Literal(AT_START * (at == 0) + AT_END * (at == last), fold(part) if text.cased else part)
        for at, part in enumerate(text.parts)
        if isinstance(part, str)
    ]
    best = [one for one in sorted(found, key=lambda one: -len(one.text)) if one.text]
    enough = [one for one in best if len(one.text) > 1] or [one for one in best[:1] if one.text not in _EVERYWHERE]
    return [[one] for one in enough[:MOST_CLAUSES]]


def of_regex(regex: Regex) -> tuple[Sequence[Clause], int]:
    """Give the clauses of a regular expression, the best first, none if nothing is sure; and how many characters a match has at least.

    They hold only for values without `ſ`, `ı`, `İ` and the Kelvin sign, which engines take for ASCII letters where case does not matter.
    """
    tree = parsed(regex, 0)
    if tree is None:
        return [], 0
    found = {tuple(sorted(set(clause))): None for clause in _clauses(tree)}
    best = sorted(found, key=_worth, reverse=True)
    enough = [clause for clause in best if _worth(clause)[0] > 1] or [clause for clause in best[:1] if not _EVERYWHERE.intersection(clause)]
    return [[Literal(ANYWHERE, one) for one in clause] for clause in enough[:MOST_CLAUSES]], int(tree.getwidth()[0])


def parsed(regex: Regex, flags: int) -> Any | None:
    """Give what the standard library's parser makes of a pattern; none if an engine may read it differently."""
    if _OTHER_DIALECT.search(regex.pattern) or (_INEXACT.search(regex.pattern) and not is_bounded(regex)):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return parser.parse(_THE_VERY_END.sub(r"\1\\Z", regex.pattern), flags)
    except (re.error, FutureWarning, DeprecationWarning, OverflowError, RecursionError):
        return None


def _worth(clause: Sequence[str]) -> tuple[int, int]:
    return min(map(len, clause)), -len(clause)


def _clauses(tree: Iterable[Any]) -> Iterator[Sequence[str]]:
    """Yield the alternatives of which a match must hold one, for each part that every match has."""
    run = ""
    for code, detail in _flat(tree):
        letter = _letter(code, detail)
        if letter:
            run += letter
            continue
        if run:
            yield (run,)
        run = ""
        if code is codes.BRANCH:
            yield from _branch(detail[1])
        elif code in {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT} and detail[0] >= 1:
            yield from _clauses(detail[2])
    if run:
        yield (run,)


def _flat(tree: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the parts in their order, those of groups among them."""
    for code, detail in tree:
        if code is codes.SUBPATTERN:
            yield from _flat(detail[3])
        else:
            yield code, detail


def _branch(alternatives: Iterable[Any]) -> Iterator[Sequence[str]]:
    chosen = [max(_clauses(one), key=_worth, default=()) for one in alternatives]
    together = [text for clause in chosen for text in clause]
    if all(chosen) and len(together) <= _MOST_ALTERNATIVES:
        yield together


def _letter(code: Any, detail: Any) -> str:
    """Give the one ASCII character, folded, that a part stands for; empty if it stands for several or for another."""
    if code is codes.LITERAL:
        return fold(chr(detail)) if detail < 128 else ""
    if code is codes.IN:
        several = {fold(chr(value)) if kind is codes.LITERAL and value < 128 else "" for kind, value in detail}
        return several.pop() if len(several) == 1 else ""
    return ""
