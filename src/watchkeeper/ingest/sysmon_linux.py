"""Sysmon for Linux: events in XML, bare, in syslog or in Sentinel's Syslog table. Owns finding them there; the XML stands in `event_xml`.

Source: Sysmon for Linux, which writes the Windows event schema to syslog.
"""

import re
from collections.abc import Iterator
from typing import IO

from watchkeeper.ingest.event_xml import EventXmlError, UnsafeXmlError, event_fields
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.syslog import Message, messages
from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.model.batch import Value

_SNIFF = re.compile(rb"Provider Name=\\?[\"']Linux-Sysmon\\?[\"']")
_OPEN = re.compile(r"<Event[\s>]")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOST_SEMICOLON = re.compile(r"&(lt|gt|amp|quot|apos|#\d{1,7}) ")
_MAX_LINES = 1_000
_MAX_CHARS = 1_000_000
"""Lines an event may spread over, and characters of one line without its end: more is a file gone wrong."""
_NO_EVENT = Skipped("line without a Sysmon event")
_CUT_OFF = Skipped("Sysmon event that is cut off")
_UNSAFE = Skipped("XML with a document type, or nested too deep")
_NOT_XML = Skipped("Sysmon event that is not well-formed XML")


def sniff(head: bytes) -> bool:
    """Say whether an event of the provider Linux-Sysmon stands in the head."""
    return _SNIFF.search(head) is not None


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row an event, its XML on one line or over several; other lines of a syslog are skipped and counted."""
    held: list[Message] = []
    for message in messages(stream):
        if isinstance(message, Skipped):
            yield message
            continue
        opens = _OPEN.search(message.text) is not None
        if held and opens:
            yield _CUT_OFF
            held = []
        if not held and not opens:
            yield _NO_EVENT
            continue
        held.append(message)
        if "</Event>" in message.text:
            yield from _events(held)
            held = []
        elif len(held) > _MAX_LINES or len(message.text) > _MAX_CHARS:
            yield _CUT_OFF
            held = []
    if held:
        yield _CUT_OFF


def _events(held: list[Message]) -> Iterator[Row | Skipped]:
    """A line may hold several events; the wrapping of the first is that of all."""
    text = "\n".join(message.text for message in held)
    found = list(_cut(text))
    for event in found:
        yield _row(held[0], event, "\n".join(message.raw for message in held) if len(found) == 1 else event)
    if not found or _OPEN.search(text, text.rfind("</Event>")):
        yield _CUT_OFF


def _cut(text: str) -> Iterator[str]:
    at = 0
    while (opened := _OPEN.search(text, at)) is not None:
        end = text.find("</Event>", opened.end())
        if end < 0:
            return
        at = end + len("</Event>")
        yield text[opened.start() : at]


def _row(message: Message, event: str, raw: str) -> Row | Skipped:
    fields = _fields(event)
    if isinstance(fields, Skipped):
        return fields
    moment = from_iso(_one(fields, "TimeCreated_SystemTime")) or from_iso(_one(fields, "UtcTime")) or message.time
    return Row(log_source("linux", "sysmon", _one(fields, "EventID")), moment, _one(fields, "Computer") or message.host, fields, raw)


def _fields(event: str) -> dict[str, Value] | Skipped:
    """Some collectors turn the semicolon of an entity into a blank, and some command lines hold what XML forbids; both are mended once."""
    try:
        return event_fields(event)
    except UnsafeXmlError:
        return _UNSAFE
    except EventXmlError:
        mended = _FORBIDDEN.sub("\ufffd", _LOST_SEMICOLON.sub(r"&\1;", event))
    try:
        return event_fields(mended)
    except UnsafeXmlError:
        return _UNSAFE
    except EventXmlError:
        return _NOT_XML


def _one(fields: dict[str, Value], name: str) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


sysmon_linux = Reader("sysmon_linux", sniff, rows)
