"""Page: some of a long list, and where the next ones begin. Owns the shape and the cursor's text; what it points at is the list's."""

import base64
import binascii
import json
from typing import Generic, TypeVar, cast

from watchkeeper.model.noun import Noun

Item = TypeVar("Item")
MOST, USUAL = 500, 50
"""Items that one page holds at most, and unless something else is asked."""
LONGEST_CURSOR = 600
_LARGEST = 1 << 62


class Page(Noun, Generic[Item]):
    """Some of a list; asking again with `next` as `after` gives the ones that follow, whatever came in between."""

    items: tuple[Item, ...]
    """What this page holds."""
    next: str = ""
    """Where the page after it begins; empty on the last."""


def cursor(*key: str | float) -> str:
    """Write down the place of an item in its list."""
    return (
        base64.urlsafe_b64encode(json.dumps(key, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace"))
        .decode()
        .rstrip("=")
    )


def place(text: str, *kinds: type) -> tuple[str | float, ...]:
    """Read the place that a cursor stands for; its parts are of these kinds.

    Raises:
        ValueError: it is no cursor of this list.
    """
    try:
        found: object = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeDecodeError, RecursionError, ValueError):
        found = None
    parts = cast("list[str | float]", found) if isinstance(found, list) else []
    if [type(one) for one in parts] != list(kinds) or not all(isinstance(one, str) or abs(one) <= _LARGEST for one in parts):
        raise ValueError(f"cursor {text[:40]!r} is none of this list; begin again without `after`")
    return tuple(parts)
