"""Message-IDs, and words for an IMAP server. Owns which are accepted: what telemetry says is never read as a command.

Sources: RFC 5322 3.6.4 (Message-ID), RFC 9051 4.3 (quoted strings), RFC 3501 5.1.3 (modified UTF-7).
"""

import base64
import re
from collections.abc import Mapping

_ID = re.compile(r"[\x21-\x7e]{1,500}")
_OTHERS = re.compile("[^\x20-\x7e]+")


def message_id(arguments: Mapping[str, str]) -> str:
    """Give the Message-ID that an action is about, without its brackets.

    Raises:
        ValueError: there is none, or it has a space, a control character or a letter outside ASCII in it, which no Message-ID has.
    """
    found = bare(arguments.get("message_id", ""))
    if not _ID.fullmatch(found):
        raise ValueError(f"{found[:200]!r} is no Message-ID: printable ASCII without spaces, at most 500 characters")
    return found


def bare(text: str) -> str:
    """Give a Message-ID as logs and headers write it, without brackets and the spaces around it."""
    found = text.strip(" \t")
    return found[1:-1] if found.startswith("<") and found.endswith(">") else found


def same_id(header: str, wanted: str) -> bool:
    """Say whether a header holds exactly this Message-ID."""
    return bare(" ".join(header.split())) == wanted


def quoted(text: str) -> str:
    """Give a text as a quoted string.

    Raises:
        ValueError: it has a character that a quoted string cannot hold.
    """
    if not text.isascii() or not text.isprintable():
        raise ValueError(f"{text[:200]!r} cannot be said to a mail server")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def seven_bit(folder: str) -> str:
    """Give the name of a folder as it goes over the wire: letters outside ASCII in modified UTF-7."""
    return _OTHERS.sub(lambda found: f"&{_shifted(found.group())}-", folder.replace("&", "&-"))


def _shifted(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
