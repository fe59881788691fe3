"""STIX patterns: the values that can be looked up one by one, and why others can't. Owns the grammar's part that indicators need.

A pattern is a tree of AND, OR and FOLLOWEDBY over comparisons. What holds if any one of several comparisons holds can be looked up; what
needs two of them together can't, because one value is looked up at a time.

Source: STIX 2.1, section 9, "STIX Patterning".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

MOST_CHARACTERS = 1 << 20
_MOST_DEPTH = 32
TOGETHER = "several conditions that must hold together"
SEQUENCE = "events that must follow each other, or repeat, or fall in a time window"
OPERATOR = "a comparison other than = and IN"
MALFORMED = "a pattern that is not well-formed"

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>[ht]?'(?:[^'\\]|\\.)*')|(?P<number>[+-]?\d+(?:\.\d+)?)(?![\w:-])"""
    r"""|(?P<path>[A-Za-z][A-Za-z0-9-]*:(?:'(?:[^'\\]|\\.)*'|\[(?:\d+|\*)\]|[A-Za-z0-9_.-])+)"""
    r"""|(?P<word>[A-Za-z]+)|(?P<sign><=|>=|!=|==|[=<>\[\](),]))""",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMPARING = frozenset({"=", "==", "!=", "<", ">", "<=", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"})


class Comparison(NamedTuple):
    """A path that has a value."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A part of a pattern that cannot be looked up."""

    reason: str


Part = Comparison | Unmatched
_Joint = Literal["OR", "AND", "FOLLOWEDBY"]


class _Token(NamedTuple):
    kind: str
    text: str


def alternatives(pattern: str) -> list[Part]:
    """Give what of a pattern holds by itself, each value once, and one `Unmatched` for each part that does not."""
    if len(pattern) > MOST_CHARACTERS:
        return [Unmatched(MALFORMED)]
    try:
        parser = _Parser(list(_tokens(pattern)))
        found = parser.observations(0)
        parser.end()
    except ValueError:
        return [Unmatched(MALFORMED)]
    return list(dict.fromkeys(found))


def _tokens(pattern: str) -> Iterator[_Token]:
    at, end = 0, len(pattern.rstrip())
    while at < end:
        found = _TOKEN.match(pattern, at)
        if found is None or found.lastgroup is None:
            raise ValueError("no token")
        yield _Token(found.lastgroup, found.group(found.lastgroup))
        at = found.end()


class _Parser:
    """Stands at one token of a pattern."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise ValueError("something follows")

    def observations(self, depth: int) -> list[Part]:
        """Read observations joined by words, and what qualifies them."""
        parts = [self._observation(depth)]
        joints: list[_Joint] = []
        while joint := self._joint():
            joints.append(joint)
            parts.append(self._observation(depth))
        return _joined(parts, joints)

    def _observation(self, depth: int) -> list[Part]:
        if depth > _MOST_DEPTH:
            raise ValueError("too deep")
        if self._take("("):
            found = self.observations(depth + 1)
            self._need(")")
        else:
            self._need("[")
            found = self._comparisons(depth + 1)
            self._need("]")
        return [Unmatched(SEQUENCE)] if self._qualified() else found

    def _comparisons(self, depth: int) -> list[Part]:
        if depth > _MOST_DEPTH:
            raise ValueError("too deep")
        parts = [self._comparison(depth)]
        joints: list[_Joint] = []
        while (joint := self._joint()) and joint != "FOLLOWEDBY":
            joints.append(joint)
            parts.append(self._comparison(depth))
        return _joined(parts, joints)

    def _comparison(self, depth: int) -> list[Part]:
        if self._take("("):
            found = self._comparisons(depth + 1)
            self._need(")")
            return found
        path = self._next("path")
        negated = self._take("NOT")
        operator = self._token().text.upper()
        self._at += 1
        if operator not in _COMPARING:
            raise ValueError("no operator")
        values = self._values()
        network = operator == "ISSUBSET" and path.endswith("-addr:value")
        if negated or not (network or operator in {"=", "==", "IN"}):
            return [Unmatched(OPERATOR)]
        return [Comparison(path, value) for value in values]

    def _values(self) -> list[str]:
        if not self._take("("):
            return [self._literal()]
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._need(")")
        return values

    def _literal(self) -> str:
        token = self._token()
        self._at += 1
        if token.kind == "text":
            return _ESCAPED.sub(r"\1", token.text.lstrip("ht")[1:-1])
        if token.kind == "number" or token.text.lower() in {"true", "false"}:
            return token.text
        raise ValueError("no value")

    def _qualified(self) -> bool:
        """Read what follows an observation, and say whether it asks for more than one event at any time."""
        told = False
        while self._at < len(self._tokens) and self._token().text in {"WITHIN", "REPEATS", "START"}:
            word = self._token().text
            self._at += 4 if word == "START" else 3
            told = told or word != "WITHIN"
        return told

    def _joint(self) -> _Joint | None:
        words: tuple[_Joint, ...] = ("OR", "AND", "FOLLOWEDBY")
        return next((word for word in words if self._take(word)), None)

    def _token(self) -> _Token:
        if self._at >= len(self._tokens):
            raise ValueError("it ends early")
        return self._tokens[self._at]

    def _next(self, kind: str) -> str:
        token = self._token()
        if token.kind != kind:
            raise ValueError(f"no {kind}")
        self._at += 1
        return token.text

    def _take(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] in {_Token("sign", text), _Token("word", text)}:
            self._at += 1
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise ValueError(f"no {text}")


def _joined(parts: Sequence[list[Part]], joints: Sequence[_Joint]) -> list[Part]:
    """Give what holds by itself of parts that are joined; AND binds closest, and AND of one and the same condition is that condition."""
    if "FOLLOWEDBY" in joints:
        return [Unmatched(SEQUENCE)]
    groups = [[parts[0]]]
    for joint, part in zip(joints, parts[1:], strict=True):
        if joint == "OR":
            groups.append([part])
        else:
            groups[-1].append(part)
    return [one for group in groups for one in (group[0] if len({tuple(part) for part in group}) == 1 else [Unmatched(TOGETHER)])]
