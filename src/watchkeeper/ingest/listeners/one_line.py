"""Records as lines. Owns that each is one line: none holds a line feed, or a carriage return before its own."""

from collections.abc import Iterable

from watchkeeper.ingest.jsonstream import Record
from watchkeeper.ingest.listeners.exchange import Records


def lines_of(body: bytes) -> Records:
    """Give the lines of a body that are not blank."""
    lines = [line for line in (one.rstrip(b"\r") for one in body.split(b"\n")) if line and not line.isspace()]
    return joined(lines)


def joined(lines: Iterable[bytes]) -> Records:
    """Give lines that hold no line feed as records."""
    found = list(lines)
    return Records(b"\n".join((*found, b"")), len(found))


def one_line(record: Record) -> bytes:
    """Give the text of a JSON object on one line; a line break can only stand between its parts, strings escape theirs."""
    return record.raw.replace("\r", " ").replace("\n", " ").encode(errors="replace")
