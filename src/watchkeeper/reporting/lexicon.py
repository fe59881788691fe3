"""The lexicon: a template for every code in every language. Owns finding templates and their places; filling them is `sentences`."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

from watchkeeper.content import document, folder
from watchkeeper.model.language import Language

PLACE = re.compile(r"\{(\w+)\}")
"""A place in a template, filled by the argument of that name."""


@cache
def lexicon(language: Language) -> Mapping[str, str]:
    """Give every template of that language by code.

    Raises:
        TypeError: a file is no flat mapping of text to text.
        ValueError: two files of the language define one code.
    """
    merged: dict[str, str] = {}
    for path in sorted((folder("lexicon") / language).glob("*.yml")):
        entries = cast("dict[object, object]", document(f"lexicon/{language}/{path.name}") or {})
        for code, text in entries.items():
            if not (isinstance(code, str) and isinstance(text, str)):
                raise TypeError(f"lexicon/{language}/{path.name}: {code!r} must be text with a text template")
            if code in merged:
                raise ValueError(f"lexicon/{language}/{path.name}: {code!r} is already defined in another file; keep one")
            merged[code] = text
    return MappingProxyType(merged)


def places(template: str) -> frozenset[str]:
    """Give the names of the template's places."""
    return frozenset(PLACE.findall(template))
