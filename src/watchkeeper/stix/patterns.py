"""STIX patterns for values that are known to be bad. Owns the object path of each kind and the quoting.

Source: OASIS STIX 2.1, section 9.
"""

import re

_PATHS = {"domain": "domain-name:value", "url": "url:value", "mailbox": "email-addr:value", "user": "user-account:account_login"}
_HASHES = {32: "MD5", 40: "'SHA-1'", 56: "'SHA-224'", 64: "'SHA-256'", 96: "'SHA-384'", 128: "'SHA-512'"}
_DIGITS = re.compile("[0-9A-Fa-f]+")
_FOLDERS = re.compile(r"(.*)[\\/]([^\\/]+)", re.DOTALL)


def pattern_of(kind: str, value: str) -> str:
    """Give the STIX pattern of a canonical value; empty for a kind that STIX has no object for, and for a hash that is none."""
    match kind:
        case "address":
            return _equal("ipv6-addr:value" if ":" in value else "ipv4-addr:value", value)
        case "network":
            address = "ipv6-addr:value" if ":" in value else "ipv4-addr:value"
            return f"[{address} ISSUBSET {_quoted(value)}]"
        case "hash":
            return _equal(f"file:hashes.{_HASHES[len(value)]}", value) if len(value) in _HASHES and _DIGITS.fullmatch(value) else ""
        case "file":
            found = _FOLDERS.fullmatch(value)
            if found is None:
                return _equal("file:name", value)
            return f"[file:name = {_quoted(found.group(2))} AND file:parent_directory_ref.path = {_quoted(found.group(1))}]"
        case _:
            return _equal(_PATHS[kind], value) if kind in _PATHS else ""


def _equal(path: str, value: str) -> str:
    return f"[{path} = {_quoted(value)}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
