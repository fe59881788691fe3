"""Targets as places are told them: written in one way, or refused. Owns the form of each kind, not whether anything may be done to it."""

import ipaddress
import re

from watchkeeper.model.entity import Entity

_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}))*")
_DOMAIN = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_URL = re.compile(r"(?:https?|ftp)://[!-~]{1,2000}")
_HEX = re.compile("[0-9a-f]+")
_MOST = 1_000
HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
"""What a hash is called by how many digits it has."""


def canonical(target: Entity) -> str:
    """Give the value of a target in the one way that it is written.

    Raises:
        ValueError: it is not what its kind says, so no place is told of it.
    """
    written = _written(target.kind, target.value)
    if not written or len(written) > _MOST or not written.isprintable():
        raise ValueError(f"{target.value[:100]!r} is no {target.kind} that may be acted on")
    return written


def _written(kind: str, value: str) -> str:
    match kind:
        case "address":
            return _address(value)
        case "host":
            return value if _HOST.fullmatch(value) else ""
        case "domain":
            name = value.lower().rstrip(".")
            return name if _DOMAIN.fullmatch(name) else ""
        case "hash":
            digits = value.lower()
            return digits if len(digits) in HASHES and _HEX.fullmatch(digits) else ""
        case "url":
            return value if _URL.fullmatch(value) else ""
        case _:
            return value if value.strip() == value else ""


def _address(value: str) -> str:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return ""
    return "" if getattr(address, "scope_id", None) else str(address)
