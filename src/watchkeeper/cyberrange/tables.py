"""Tables: the range's YAML, typed, and the filling of its `<places>`. Owns no simulation; what the tables mean stands with their users."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import cast

from watchkeeper.content import document

_PLACE = re.compile(r"<(\w+)>")


@cache
def words(file: str, key: str) -> tuple[str, ...]:
    """Give the list of text under that key of `content/range/<file>.yml`."""
    return tuple(str(item) for item in cast(Sequence[object], document(f"range/{file}.yml")[key]))


@cache
def entries(file: str, key: str) -> tuple[Mapping[str, object], ...]:
    """Give the list of mappings under that key."""
    return tuple(cast(Sequence[Mapping[str, object]], document(f"range/{file}.yml")[key]))


@cache
def named(file: str, key: str) -> Mapping[str, Mapping[str, str]]:
    """Give the mapping of name to mapping under that key."""
    return cast(Mapping[str, Mapping[str, str]], document(f"range/{file}.yml")[key])


def fill(text: str, known: dict[str, str], rng: Random) -> str:
    """Replace each `<place>` by what is known; a place nobody knows yet is drawn once and remembered in `known`.

    Raises:
        KeyError: the place is neither known nor one that can be drawn.
    """

    def value(match: re.Match[str]) -> str:
        place = match[1]
        if place not in known:
            known[place] = _DRAWN[place.rstrip("0123456789")](rng)
        return known[place]

    return _PLACE.sub(value, text) if "<" in text else text


def word(rng: Random) -> str:
    """Draw a plausible lower-case name made of two syllable groups, such as `tormavel`."""
    return "".join(rng.choice(words("names", "syllables")) for _ in range(rng.choice((2, 2, 3))))


def guid(rng: Random) -> str:
    """Draw a GUID without braces."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_DRAWN: Mapping[str, Callable[[Random], str]] = {
    "word": word,
    "guid": guid,
    "hex": lambda rng: f"{rng.getrandbits(32):08x}",
    "number": lambda rng: str(rng.randrange(100, 9999)),
    "digit": lambda rng: str(rng.randrange(1, 9)),
    "document": lambda rng: rng.choice(words("names", "documents")) + f"-{rng.randrange(1, 60):02d}",
    "tool": lambda rng: rng.choice(words("names", "tools")) + rng.choice(("", "", str(rng.randrange(2, 99)))),
    "lure": lambda rng: rng.choice(words("names", "lures")) + f"_{rng.randrange(1000, 99999)}",
    "vendor": lambda rng: rng.choice(words("names", "vendors")),
    "package": lambda rng: rng.choice(words("names", "packages")),
    "ps": lambda rng: rng.choice(words("names", "scripts")),
}
