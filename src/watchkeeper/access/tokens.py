"""Secrets that a program or a browser shows. Owns their form and their digest; the secret itself is seen once, by who asked for it."""

import hashlib
import re
import secrets
from typing import Literal

Kind = Literal["wka", "wks", "wkp"]
"""API token of a program, token of a sender of telemetry, session of a person: a prefix that scanners for leaked secrets can look for."""
_FORM = re.compile(r"wk[aps]_[A-Za-z0-9_-]{43}")


def new_secret(kind: Kind) -> str:
    """Make a secret: a prefix that says what it is, and 256 random bits."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def new_id() -> str:
    """Make an id by which people name a token: 16 hex digits that say nothing of its secret."""
    return secrets.token_hex(8)


def digest(secret: str) -> str:
    """Give what is kept of a secret: 64 hex digits of SHA-256.

    256 random bits cannot be guessed, so a slow hash would only cost; and whoever reads the digests can let nobody in with them.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def looks_like(kind: Kind, secret: str) -> bool:
    """Say whether a text has the form of such a secret, so that nothing else is ever looked up."""
    return secret.startswith(f"{kind}_") and _FORM.fullmatch(secret) is not None
