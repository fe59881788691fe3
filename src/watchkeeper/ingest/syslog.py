"""Messages that a collector wrapped: bare lines, syslog lines, or Sentinel's Syslog table as JSON. Owns unwrapping."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from watchkeeper.ingest.jsonstream import Record, decode
from watchkeeper.ingest.reader import Skipped
from watchkeeper.ingest.text_lines import text_lines
from watchkeeper.ingest.timestamps import from_iso

_TRADITIONAL = re.compile(r"\A(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?P<host>[\w.:-]{1,255}) ")
_MODERN = re.compile(r"\A(?:<\d{1,3}>1? ?)?(?P<time>\d{4}-\d\d-\d\dT[\d:.,+Z-]{8,30}) (?P<host>[\w.:-]{1,255}) ")


@dataclass(frozen=True, slots=True)
class Message:
    """One message and what its wrapping says of it."""

    text: str
    host: str
    """Host that the wrapping names; empty if it names none."""
    time: datetime | None
    """When the collector says it came, UTC; none where it gives no year."""
    raw: str
    """The whole record."""


def messages(stream: IO[bytes]) -> Iterator[Message | Skipped]:
    """Yield the message of each line.

    Source: RFC 3164 and RFC 5424 for the syslog header; Azure Monitor reference, table Syslog.
    """
    for line in text_lines(stream):
        if isinstance(line, Skipped):
            yield line
        elif line.lstrip(" \t[,").startswith("{"):
            yield _from_table(line)
        else:
            yield _from_line(line)


def _from_table(line: str) -> Message | Skipped:
    record = decode(line.strip(" \t[],").encode(errors="replace"))
    if isinstance(record, Skipped):
        return record
    text = _text(record, "SyslogMessage", "message", "Message", "MESSAGE")
    moment = from_iso(_text(record, "EventTime", "TimeGenerated", "@timestamp"))
    return Message(text, _text(record, "HostName", "Computer", "hostname", "host", "_HOSTNAME"), moment, record.raw)


def _text(record: Record, *names: str) -> str:
    return next((found for name in names if isinstance(found := record.value.get(name), str) and found), "")


def _from_line(line: str) -> Message:
    header = _TRADITIONAL.match(line)
    if header is not None:
        return Message(line[header.end() :], header["host"], None, line)
    header = _MODERN.match(line)
    if header is not None:
        return Message(line[header.end() :], header["host"], from_iso(header["time"].replace(",", ".")), line)
    return Message(line, "", None, line)
