"""A message cut into what is constant and what varies: words, signs, and values whose shape is known. Owns the cutting alone."""

import re
from typing import NamedTuple

from watchkeeper.ingest.suggest.meanings import kind_of

MOST_CHARS = 4_096
"""What stands behind is not looked at."""
MOST_TOKENS = 256
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_TIMES = (
    rf"\d{{4}}-\d\d-\d\d[T ]{_CLOCK}(?: ?(?:Z|[+-]\d\d:?\d\d))?",
    rf"\d{{2}}/{_MONTH}/\d{{4}}:{_CLOCK}(?: [+-]\d{{4}})?",
    rf"(?:\d{{4}}|\d\d)[/.]\d\d[/.]\d\d {_CLOCK}",
    rf"\d\d[/.-]\d\d[/.-]\d{{4}},? {_CLOCK}(?: [AP]M)?",
    rf"\d{{4}}-\d\d-\d\d-{_CLOCK}",
    rf"\d{{8}}[ -]{_CLOCK}",
    rf"{_DAY},? (?:{_MONTH} [ \d]\d {_CLOCK} \d{{4}}|\d\d {_MONTH} \d{{4}} {_CLOCK} [+-]\d{{4}})",
    rf"\d\d?[- ]{_MONTH}(?:[- ]\d{{4}})? {_CLOCK}",
    rf"\d{{4}}-{_MONTH}-\d\d {_CLOCK}",
    rf"{_MONTH} [ \d]\d(?:,? \d{{4}})? {_CLOCK}(?: [AP]M)?",
    r"1\d{9}(?:\d{3})?\.\d{3,9}",
    r"1[4-9]\d{8}",
    r"1[4-9]\d{11}",
)
_PARTS = (
    ("time", rf"(?<![\w.])(?:{'|'.join(_TIMES)})(?![\w])"),
    ("quoted", r'"(?:[^"\\]|\\.){0,2000}"'),
    ("bracketed", r"\[[^\[\]]{0,200}\]"),
    ("url", r"[a-z][a-z0-9+.-]{1,15}://[^\s\"'<>|]{1,2000}"),
    ("email", r"(?<!\w)[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}"),
    ("mac", r"(?<!\w)(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?!\w)"),
    ("uuid", r"(?<!\w)[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?!\w)"),
    (
        "address",
        r"(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)|(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3}|:)?(?![\w:]))",
    ),
    ("path", r"(?<![\w/])/[\w.@%+~,:-]{1,200}(?:/[\w.@%+~,:-]{0,200}){0,30}"),
    ("number", r"(?<![\w.])-?\d{1,20}(?:\.\d{1,20})?(?![\w]|\.\d)"),
    ("word", r"[^\W_](?:[\w.$*-]{0,126}[\w$*])?|_\w{0,126}"),
    ("space", r"\s+"),
    ("sign", r"."),
)
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PARTS), re.DOTALL)
_INSIDE = frozenset({"time", "address", "number", "url", "email", "word"})
_TELLS = frozenset({"address", "email", "url", "mac"})
_MOST_IN_BRACKETS = 12
_DIGIT = re.compile(r"\d")
_REQUEST = re.compile(r'"[A-Z]{3,20} \S{1,1900}(?: HTTP/[\d.]{1,5})?"')


class Token(NamedTuple):
    """A piece of a message."""

    kind: str
    """`word`, `name` (a word with a digit), `sign`, `space`, `none` (a lone dash), `quoted`, `bracketed`, `request`, or a value's kind."""
    text: str

    @property
    def constant(self) -> bool:
        """Whether its text is a part of what is always written so, until other messages say otherwise."""
        return self.kind in {"word", "sign", "space"}


def tokens(text: str) -> list[Token]:
    """Cut a message; what stands beyond `MOST_CHARS` or `MOST_TOKENS` is left out."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text[:MOST_CHARS]):
        found += _refined(match.lastgroup or "sign", match.group())
        if len(found) >= MOST_TOKENS:
            break
    return [_settled(found, at) for at in range(min(len(found), MOST_TOKENS))]


def _refined(kind: str, text: str) -> list[Token]:
    """Look into brackets and quotes that hold one value."""
    if kind == "quoted" and _REQUEST.fullmatch(text):
        return [Token("request", text)]
    if kind in {"quoted", "bracketed"}:
        inner = _TOKEN.fullmatch(text[1:-1])
        if inner is not None and inner.lastgroup in _INSIDE:
            return [Token("sign", text[0]), *_refined(str(inner.lastgroup), inner.group()), Token("sign", text[-1])]
    if kind == "bracketed" and (within := _within(text[1:-1])):
        return [Token("sign", "["), *within, Token("sign", "]")]
    if (kind == "address" and kind_of([text]) != "address") or (kind == "word" and _DIGIT.search(text)):
        return [Token("name", text)]
    return [Token(kind, text)]


def _within(text: str) -> list[Token]:
    """Look into brackets that hold an address or the like among other things."""
    found = list(_TOKEN.finditer(text))
    if len(found) > _MOST_IN_BRACKETS or not any(match.lastgroup in _TELLS for match in found):
        return []
    return [token for match in found for token in _refined(match.lastgroup or "sign", match.group())]


def _settled(found: list[Token], at: int) -> Token:
    token = found[at]
    if token.text == "-" and (at == 0 or found[at - 1].kind == "space") and (at + 1 == len(found) or found[at + 1].kind == "space"):
        return Token("none", "-")
    return token
