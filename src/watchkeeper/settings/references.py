"""References to secrets: `env:NAME` or `file:/path`. Owns looking them up when something is sent, and hiding them in what is said."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/.+")
_MOST_BYTES = 8_192


def _checked(text: str) -> str:
    if not _REFERENCE.fullmatch(text):
        raise ValueError("a secret stands in the environment or a file: write env:NAME or file:/path, never the secret itself")
    return text


Reference = Annotated[str, AfterValidator(_checked)]
"""Where a secret is; the secret itself is in no configuration, database, log or message."""
Reveal = Callable[[str], str]
"""Gives the secret that a reference leads to."""


def reveal(reference: str) -> str:
    """Look a secret up.

    Raises:
        ValueError: the variable is not set, or the file cannot be read or is empty.
    """
    kind, _, place = reference.partition(":")
    if kind == "env":
        secret = os.environ.get(place, "")
        if not secret:
            raise ValueError(f"the environment has no {place!r}, which {reference!r} asks for")
        return secret
    try:
        with Path(place).open("rb") as file:
            secret = file.read(_MOST_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the secret {reference!r} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from error
    if not secret:
        raise ValueError(f"the secret {reference!r} is empty")
    return secret


def masked(url: str) -> str:
    """Give of an address what may be shown: scheme and host."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or '?'}{port}/…"


def hidden(text: str, *secrets: str) -> str:
    """Give a text without secrets that may have come into it."""
    for secret in secrets:
        text = text.replace(secret, "…") if secret else text
    return text
