"""Plain lists: one value a line, defanged or not, with comments; hosts files and blocker lists too. Owns what stands around the value."""

import io
import re
from collections.abc import Iterator
from typing import IO

from watchkeeper.detection.intel.formats.entry import ANY, Ask, Entries, Entry, Format, Refused
from watchkeeper.detection.intel.values import recognised, refanged

_COMMENT = re.compile(r"(?:\A|\s)(?:#|;|//|!).*", re.DOTALL)
_BLOCKER = re.compile(r"\A\|\|([^\^$/]+)\^")
_NOWHERE = frozenset({"0.0.0.0", "127.0.0.1", "::", "::1"})  # noqa: S104 -- what hosts files send names to; nothing is bound
_NOTHING = "a line without anything that looks like an indicator"
_MOST_LINE = 1 << 16
_MOST_WORDS = 64


def sniff(head: bytes) -> bool:
    """Say whether a file is text; whether there are indicators in it, its lines show."""
    return b"\0" not in head and head.lstrip()[:1] not in (b"{", b"<")


def entries(stream: IO[bytes], _: Ask) -> Entries:
    """Yield the first value of each line."""
    for line in _lines(stream):
        written = _COMMENT.sub("", line).strip()
        if written:
            text = _value(written)
            yield Entry(ANY, text) if text else Refused(_NOTHING, written[:200])


def _lines(stream: IO[bytes]) -> Iterator[str]:
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace")
    while line := text.readline(_MOST_LINE):
        yield line


def _value(line: str) -> str:
    found = _BLOCKER.match(line)
    words = [found.group(1)] if found else line.replace(",", " ").split(maxsplit=_MOST_WORDS)
    if len(words) > 1 and words[0] in _NOWHERE:
        words = words[1:]
    for word in words:
        plain = refanged(word.strip("\"'<>"))
        if recognised(plain)[0]:
            return plain
    return ""


text_list = Format("text", sniff, entries)
