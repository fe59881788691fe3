"""Events in XML by Windows' schema, Windows' own and those of Sysmon for Linux: in files, in syslog, in Sentinel's Syslog table.

Owns finding them there, one after another, one a line or over many; what one says stands in `event_xml`.
Source: Windows event schema; wevtutil, `query-events`; Sysmon for Linux, which writes the schema to syslog.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

from watchkeeper.ingest.event_xml import event_fields
from watchkeeper.ingest.lines import MAX_RECORD_BYTES, TOO_LONG
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import HEAD_BYTES, Reader, Row, Skipped
from watchkeeper.ingest.syslog import Message, message, table_row
from watchkeeper.ingest.text_lines import text as decoded
from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.ingest.windows_event import Fields, logsource, one
from watchkeeper.markup.strict_xml import UnsafeXmlError, XmlError

END = "</Event>"
_BEGIN = "<Event"
_OPEN = re.compile(r"<Event[\s>]")
_AROUND = re.compile(r"(?:\ufeff|\s|<\?xml[^<>]*\?>|</?Events(?:\s[^<>]*)?>)*")
"""What stands around the events of a file. Not possessive: Python before 3.11.5 loses what such a group finds after it looked back."""
_BEGINS = re.compile(_AROUND.pattern + _OPEN.pattern)
_ID = re.compile(rb"<EventID[\s>]|EventID(?:\\u003[eE]| )")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOST_SEMICOLON = re.compile(r"&(lt|gt|amp|quot|apos|#\d{1,7}) ")
_PIECE_BYTES = 1024 * 1024
_MAX_LINES = 4_096
_MAX_CHARS = 1_000_000
"""Lines and characters of one event: more is a file gone wrong."""
_NO_EVENT = Skipped("line without an event in XML")
_CUT_OFF = Skipped("event in XML that is cut off")
_UNSAFE = Skipped("XML with a document type, or nested too deep")
_NOT_XML = Skipped("event that is not well-formed XML")
_NO_ID = Skipped("event in XML without an id")
_OF_LINUX = "Linux-Sysmon"


def sniff(head: bytes) -> bool:
    """Say whether there are events in the head, and no more lines beside them than events."""
    if _ID.search(head) is None:
        return False
    whole = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1] or head
    events = others = 0
    inside = False
    for line in _pieces(BytesIO(whole)):
        begun = line if isinstance(line, Skipped) else _begun(line, inside=inside)
        events += isinstance(begun, Message)
        others += isinstance(begun, Skipped)
        if isinstance(line, str) and (inside or isinstance(begun, Message)):
            inside = line.rfind(_BEGIN) > line.rfind(END) or (inside and END not in line)
    return events > 0 and events >= others


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row an event; other lines are skipped and counted, but for what stands around the events of a file."""
    held: _Held | None = None
    for line in _pieces(stream):
        if isinstance(line, Skipped):
            yield line
            continue
        begun = _begun(line, inside=held is not None)
        if isinstance(begun, Skipped):
            yield begun
            continue
        if begun is not None:
            if held is not None:
                yield _CUT_OFF
            held = _Held(begun)
        if held is None:
            continue
        held.add(line if begun is None else begun.text + line[len(line.rstrip("\r\n")) :])
        if END in held.parts[-1]:
            held = yield from _closed(held)
        elif held.is_endless:
            yield _CUT_OFF
            held = None
    if held is not None:
        yield _CUT_OFF


def is_event(text: str) -> bool:
    """Say whether a message begins with an event: one that stands further behind may be what somebody wrote into another's log."""
    return _BEGIN in text and _BEGINS.match(text) is not None


def event_row(found: Message) -> Row | Skipped:
    """Give the row of a message that is one whole event."""
    opened, end = _OPEN.search(found.text), found.text.rfind(END)
    return _CUT_OFF if opened is None or end < 0 else _row(found, found.text[opened.start() : end + len(END)], found.raw)


@dataclass(slots=True)
class _Held:
    """An event that was opened and not closed yet."""

    first: Message
    parts: list[str] = field(default_factory=list[str])
    chars: int = 0
    is_rest: bool = False
    """Whether it began behind another in a line: then the wrapping is that of the other."""

    def add(self, part: str) -> None:
        self.parts.append(part)
        self.chars += len(part)

    @property
    def is_endless(self) -> bool:
        return len(self.parts) > _MAX_LINES or self.chars > _MAX_CHARS


def _pieces(stream: IO[bytes]) -> Iterator[str | Skipped]:
    """Yield lines with their ends; one of more than a mebibyte, as the Event Viewer writes, in pieces that end behind an event."""
    rest = b""
    while line := rest + (read := stream.readline(_PIECE_BYTES)):
        rest = b""
        if read and not read.endswith(b"\n"):
            cut = line.rfind(END.encode())
            if cut < 0 and len(line) >= MAX_RECORD_BYTES:
                while read and not read.endswith(b"\n"):
                    read = stream.readline(_PIECE_BYTES)
                yield TOO_LONG
                continue
            at = cut + len(END) if cut >= 0 else 0
            line, rest = line[:at], line[at:]
        if line:
            yield decoded(line).removeprefix("\ufeff")


def _begun(line: str, *, inside: bool) -> Message | Skipped | None:
    """Give the message in which an event begins; none if the line goes on with the one before, or only stands around events."""
    body = line.rstrip("\r\n")
    is_row = body.lstrip(" \t[,").startswith("{")
    if inside and not is_row:
        opened, end = _OPEN.search(line), line.find(END)
        if opened is None or 0 <= end < opened.start():
            return None
    found = table_row(body) if is_row else message(body)
    if isinstance(found, Message) and is_event(found.text):
        return found
    if inside or _AROUND.fullmatch(line) is not None:
        return None
    return found if isinstance(found, Skipped) else _NO_EVENT


def _closed(held: _Held) -> Generator[Row | Skipped, None, "_Held | None"]:
    """Yield what was closed; give what was opened behind it, whose wrapping is that of the first."""
    text = "".join(held.parts)
    last = text.rfind(END) + len(END)
    opened = _OPEN.search(text, last)
    found = list(_cut(text[:last]))
    alone = len(found) == 1 and opened is None and not held.is_rest
    whole = held.first.raw + text[len(held.first.text) :].rstrip("\r\n")
    for event in found:
        yield event if isinstance(event, Skipped) else _row(held.first, event, whole if alone else event)
    if opened is None:
        return None
    rest = _Held(held.first, is_rest=True)
    rest.add(text[opened.start() :])
    return rest


def _cut(text: str) -> Iterator[str | Skipped]:
    """Yield each event, and that one is cut off where another begins before its end."""
    at = 0
    while (end := text.find(END, at)) >= 0:
        opens = [opened.start() for opened in _OPEN.finditer(text, at, end)]
        at = end + len(END)
        yield from [_CUT_OFF] * (len(opens) - 1)
        if opens:
            yield text[opens[-1] : at]


def _row(found: Message, event: str, raw: str) -> Row | Skipped:
    fields = _fields(event)
    if isinstance(fields, Skipped):
        return fields
    number = one(fields, "EventID")
    if not number:
        return _NO_ID
    is_linux = fields.get("Provider_Name") == _OF_LINUX
    source = log_source("linux", "sysmon", number) if is_linux else logsource(one(fields, "Channel"), number)
    moment = from_iso(one(fields, "TimeCreated_SystemTime")) or from_iso(one(fields, "UtcTime")) or found.time
    return Row(source, moment, one(fields, "Computer") or found.host, fields, raw)


def _fields(event: str) -> Fields | Skipped:
    """Some collectors turn the semicolon of an entity into a blank, and some command lines hold what XML forbids; both are mended once."""
    try:
        return event_fields(event)
    except UnsafeXmlError:
        return _UNSAFE
    except XmlError:
        mended = _FORBIDDEN.sub("\ufffd", _LOST_SEMICOLON.sub(r"&\1;", event))
    try:
        return event_fields(mended)
    except UnsafeXmlError:
        return _UNSAFE
    except XmlError:
        return _NOT_XML


xml_events = Reader("xml_events", sniff, rows)
