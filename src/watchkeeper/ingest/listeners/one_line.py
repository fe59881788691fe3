"""Records as lines. Owns that each is one line: none holds a line feed, or a carriage return before its own."""

import json
from collections.abc import Iterator

import msgspec

from watchkeeper.ingest.jsonstream import Json, Record


def lines_of(body: bytes) -> Iterator[bytes]:
    """Yield the lines of a body that are not blank, without their ends."""
    for line in body.split(b"\n"):
        kept = line.rstrip(b"\r")
        if kept and not kept.isspace():
            yield kept


def one_line(record: Record) -> bytes:
    """Give the text of a JSON object on one line; a line break can only stand between its parts, strings escape theirs."""
    return record.raw.replace("\r", " ").replace("\n", " ").encode(errors="replace")


def encoded(value: dict[str, Json]) -> bytes:
    """Write an object on one line, also one with halves of characters, which JSON can name and UTF-8 can't."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value).encode()
