"""Elasticsearch's `filter_path`: which members of an answer a client wants. Owns the patterns.

Source: Elasticsearch documentation, "Common options", response filtering.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

MAX_PATTERNS = 32
Json = str | int | bool | None | list["Json"] | dict[str, "Json"]
Pattern = tuple[str, ...]
_NOBODY: Pattern = ("\0",)
"""No member is called so."""


class FilterPath:
    """The members that are asked for, and those that are not wanted; all of them if nothing is said."""

    def __init__(self, text: str) -> None:
        """Take the parameter: patterns of dotted names with `*` and `**`, after a comma each; a dash before those not wanted."""
        given = [part.strip() for part in text.split(",", MAX_PATTERNS)[:MAX_PATTERNS] if part.strip()]
        self._wanted = [_names(part) for part in given if not part.startswith("-")]
        self._unwanted = [_names(part[1:]) for part in given if part.startswith("-")]

    def beneath(self, *names: str) -> "FilterPath":
        """Give the filter of what stands under members of these names."""
        inner = FilterPath("")
        inner._wanted, inner._unwanted = self._wanted, self._unwanted
        for name in names:
            wanted = _after(inner._wanted, name) if inner._wanted else []
            unwanted = _after(inner._unwanted, name)
            nothing = () in unwanted or (bool(inner._wanted) and not wanted)
            inner._wanted = [_NOBODY] if nothing else [] if () in wanted else wanted
            inner._unwanted = unwanted
        return inner

    def apply(self, value: dict[str, Json]) -> dict[str, Json]:
        """Give what is left of an answer."""
        kept = value
        if self._wanted:
            found = _picked(kept, self._wanted)
            kept = found if isinstance(found, dict) else {}
        if self._unwanted:
            kept = _without(kept, self._unwanted)
        return kept


def _names(pattern: str) -> Pattern:
    return tuple(pattern.split("."))[:16]


def _after(patterns: Sequence[Pattern], name: str) -> list[Pattern]:
    """Give what is left of the patterns that a member of this name fulfils, once it is entered; empty for one that ends there."""
    left: list[Pattern] = []
    for pattern in patterns:
        if not pattern:
            continue
        if pattern[0] == "**":
            left.append(pattern)
            left += _after([pattern[1:]], name) if pattern[1:] else [()]
        elif fnmatchcase(name, pattern[0]):
            left.append(pattern[1:])
    return left


def _picked(value: Json, patterns: Sequence[Pattern]) -> Json:
    """Give what the patterns name of a value; an empty object or list if it is nothing."""
    if isinstance(value, list):
        inner = [_picked(one, patterns) for one in value]
        return [one for one in inner if one not in ({}, [])]
    if not isinstance(value, dict):
        return {}
    found: dict[str, Json] = {}
    for name, one in value.items():
        left = _after(patterns, name)
        kept = one if () in left else _picked(one, left) if left else {}
        if () in left or kept not in ({}, []):
            found[name] = kept
    return found


def _without(value: dict[str, Json], patterns: Sequence[Pattern]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, one in value.items():
        left = _after(patterns, name)
        if () in left:
            continue
        if left and isinstance(one, dict):
            found[name] = _without(one, left)
        elif left and isinstance(one, list):
            found[name] = [_without(each, left) if isinstance(each, dict) else each for each in one]
        else:
            found[name] = one
    return found
