"""What a product is called: names people type, CPE names and package URLs, brought to one spelling. Owns no comparison of versions.

Sources: NISTIR 7695 (CPE 2.3 formatted strings); package-url/purl-spec.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

_BRACKETS = re.compile(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]")
_WORDS = re.compile(r"[^\W_]+[+#]{0,2}")
_DOTTED = re.compile(r"\bv?\d+(?:\.\d+)+[a-z]?\b")
_COMPANY = frozenset(
    [
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "llc",
        "gmbh",
        "ag",
        "sa",
        "srl",
        "bv",
        "plc",
        "oy",
        "ab",
        "as",
        "kg",
        "se",
        "foundation",
        "software",
        "systems",
        "technologies",
        "technology",
        "project",
        "team",
        "group",
        "the",
    ]
)
"""Words that say what kind of organisation a vendor is, not which."""
_NO_WORDS = frozenset(
    ["x64", "x86", "amd64", "arm64", "win32", "win64", "bit", "32bit", "64bit", "version", "edition", "release", "for", "the"]
)
"""Words of an installed program's name that say which build of it it is."""
_NOBODY = frozenset({"", "n a", "na", "none", "unknown", "unspecified"})
_LANGUAGE = re.compile(r"\b[a-z]{2}[-_][A-Z]{2}\b")
_CPE_PARTS = re.compile(r"(?<!\\):")


@dataclass(frozen=True, slots=True)
class Purl:
    """A package URL without what tells builds of one package apart."""

    kind: str
    """Such as `pypi`, `npm`, `deb`."""
    name: str
    """Namespace and name with a slash, lower case where the kind does not care."""
    version: str
    """Empty if it has none."""


@lru_cache(maxsize=65_536)
def vendor_words(text: str) -> frozenset[str]:
    """Give the words that tell a vendor from others; none if the text says that nobody said."""
    words = _words(text)
    if " ".join(words) in _NOBODY:
        return frozenset()
    return frozenset(words) - _COMPANY or frozenset(words)


@lru_cache(maxsize=65_536)
def product_key(text: str, vendor: str = "", version: str = "") -> str:
    """Give a product's name in one spelling: without its vendor, its version and which build it is; empty if nothing is left to go by."""
    bare = _DOTTED.sub(" ", _LANGUAGE.sub(" ", _BRACKETS.sub(" ", text)))
    words = _words(bare)
    if " ".join(words) in _NOBODY:
        return ""
    numbers = set(_words(version))
    kept = [word for place, word in enumerate(words) if word not in _NO_WORDS and not (place and word in numbers and word[0].isdigit())]
    of_vendor = vendor_words(vendor) | frozenset(_words(vendor))
    while len(kept) > 1 and kept[0] in of_vendor and not of_vendor.issuperset(kept):  # 7-Zip's 7-Zip is not called Zip
        del kept[0]
    while len(kept) > 1 and version and kept[-1].isdigit() and kept[-1] in numbers:
        del kept[-1]
    return " ".join(kept)


def vendors_agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Say whether two vendors may be the same: one's words are among the other's."""
    return bool(one and other) and (one <= other or other <= one)


def cpe_product(cpe: str) -> tuple[str, str, str] | None:
    """Give vendor, product and version of a CPE 2.3 name or a 2.2 URI; a version of any or none is empty. None if it is no CPE."""
    if cpe.startswith("cpe:/"):
        parts = [unquote(part) for part in cpe[5:].split(":")]
    elif cpe.startswith("cpe:2.3:"):
        parts = [re.sub(r"\\(.)", r"\1", part) for part in _CPE_PARTS.split(cpe[8:])]
    else:
        return None
    if len(parts) < 3 or not parts[1] or not parts[2] or "*" in {parts[1], parts[2]}:
        return None
    version = parts[3] if len(parts) > 3 and parts[3] not in {"*", "-"} else ""
    return parts[1].lower(), parts[2].lower(), version


def parse_purl(purl: str) -> Purl | None:
    """Take a package URL apart; none if it is none."""
    if not purl.startswith("pkg:"):
        return None
    path = purl[4:].lstrip("/").split("?", 1)[0].split("#", 1)[0]
    head, _, version = path.partition("@") if not path.startswith("npm/@") else _at_last(path)
    kind, _, name = head.partition("/")
    if not kind or not name:
        return None
    kind, name = kind.lower(), unquote(name)
    if kind == "pypi":
        name = name.lower().replace("_", "-")
    elif kind not in {"golang", "maven", "cran"}:
        name = name.lower()
    return Purl(kind, name, unquote(version))


def _at_last(path: str) -> tuple[str, str, str]:
    head, at, version = path.rpartition("@")
    return (head, at, version) if "/" in head[4:] else (path, "", "")


def _words(text: str) -> list[str]:
    return _WORDS.findall(unicodedata.normalize("NFKC", text).lower())
