"""What a value is, by its shape and by what its field is called. Owns the kinds and the names that are proposed for them.

Names are Sigma's where Sigma has one, else those that our own grammars use.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

_MOST_TRIED = 200
_ENOUGH = 0.9
_VERBS = frozenset({"GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND"})
_HASHES: Mapping[int, str] = {32: "md5", 40: "sha1", 64: "sha256"}
_MAX_CHARS = 2_048


def address(value: str) -> str:
    """Give the address that a value is, also in brackets; empty if it is none."""
    try:
        return str(ipaddress.ip_address(value.strip("[]").partition("%")[0])) if 1 < len(value) < 64 else ""
    except ValueError:
        return ""


def _is_hash(value: str) -> bool:
    return len(value) in _HASHES and re.fullmatch("[0-9A-Fa-f]+", value) is not None and not value.isdigit()


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


_KINDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("address", lambda value: bool(address(value))),
    ("url", _matches(r"[a-z][a-z0-9+.-]{1,15}://\S{1,2000}")),
    ("email", _matches(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    ("mac", _matches(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")),
    ("uuid", _matches(r"\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")),
    ("hash", _is_hash),
    ("verb", _VERBS.__contains__),
    ("number", _matches(r"-?\d{1,20}(?:\.\d{1,20})?")),
    ("path", _matches(r"(?:[A-Za-z]:\\|/)[^\s\"<>|]{0,2000}")),
    ("domain", _matches(r"(?:[a-z0-9_-]{1,63}\.){1,10}[a-z]{2,24}\.?")),
)


class Meaning(NamedTuple):
    """What a field holds."""

    kind: str
    """Kind of the values; empty if they have no shape that is known."""
    name: str
    """What it is usually called; empty if nothing is known."""


def kind_of(values: Sequence[str]) -> str:
    """Give the kind that nearly all values have; values that stand for none are not counted."""
    tried = [value for value in values[:_MOST_TRIED] if value not in {"", "-", "null", "None"} and len(value) <= _MAX_CHARS]
    counts = Counter(kind for value in tried if (kind := _one(value)))
    if not counts:
        return ""
    kind, count = counts.most_common(1)[0]
    return kind if count >= _ENOUGH * len(tried) else ""


def _one(value: str) -> str:
    return next((kind for kind, fits in _KINDS if fits(value)), "")


def meaning(written: str, values: Sequence[str]) -> Meaning:
    """Say what a field called so holds."""
    kind = kind_of(values)
    return Meaning(kind, _named(kind, _words(written), _words(written.rpartition(".")[2]), values))


def _words(written: str) -> frozenset[str]:
    """Give the words of a name, and the name without what stands between them."""
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", written).lower())
    return frozenset((*words, "".join(words)))


_DESTINATION = frozenset({"dst", "dest", "destination", "target", "server", "local", "daddr", "to", "upstream", "backend"})
_BEGINS_DESTINATION = ("dst", "dest", "target", "daddr", "serverip", "localaddr", "localip")
_BY_NAME: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("user", ("user", "username", "login", "account", "actor", "principal", "uname")),
    ("cs-user-agent", ("agent", "useragent")),
    ("process", ("process", "program", "image", "exe")),
    ("action", ("action", "decision", "outcome", "verdict", "disposition")),
    ("protocol", ("proto", "protocol")),
    ("query", ("query", "qname", "question")),
)


def _named(kind: str, path: frozenset[str], last: frozenset[str], values: Sequence[str]) -> str:
    there = bool(path & _DESTINATION) or any(word.startswith(_BEGINS_DESTINATION) for word in path)
    side = "dst" if there else "src"
    if kind == "number":
        if any(word.endswith("port") for word in last):
            return f"{side}_port"
        return "sc-status" if "status" in last and all(len(value) == 3 for value in values[:_MOST_TRIED] if value) else ""
    by_kind = {
        "address": f"{side}_ip",
        "mac": f"{side}_mac",
        "url": "c-uri",
        "verb": "cs-method",
        "hash": _HASHES.get(len(values[0]), "hash") if values else "hash",
        "domain": "query" if last & {"query", "qname"} else "domain",
    }
    return by_kind.get(kind) or next((name for name, known in _BY_NAME if last & set(known)), "")
