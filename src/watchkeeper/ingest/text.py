"""Text logs, line by line: whatever a grammar in `content/sources` knows, and any syslog. Owns the file; grammars own the lines.

A syslog line that no grammar takes is an event of linux/syslog, one of a container of linux/container; an audit record is one of
linux/auditd wherever it stands, an event in XML is one of Windows. A line that is none by itself and begins with a blank, or as the traces
of Java and Python do, goes on with the event before it and is added to its message. Any other line is counted as of no known format.
"""

import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import IO

from watchkeeper.ingest.auditd import row as audit_record
from watchkeeper.ingest.containers import contained
from watchkeeper.ingest.grammars import Grammars, header_time, shipped
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import HEAD_BYTES, Reader, Row, Skipped
from watchkeeper.ingest.syslog import Message, is_table_row, message, table_row
from watchkeeper.ingest.text_lines import text_lines
from watchkeeper.ingest.xml_events import END, event_row, is_event
from watchkeeper.ingest.years import Years, today
from watchkeeper.model.batch import Value

LOOK_AHEAD_LINES = 1_000
"""So many lines at the beginning of a file are searched for one that has a year."""
MAX_CONTINUED_LINES = 256
"""Lines that may go on with one event."""
MAX_CONTINUED_CHARS = 65_536
"""Characters they may have together."""
_SNIFFED_LINES = 64
_AUDIT = "audit("
_GOES_ON = re.compile(r"\s|Caused by: |Traceback \(most recent call last\)|[A-Za-z_][\w.$]{0,200}(?:Exception|Error)(?::|\Z)|\}\Z")
_UNKNOWN = Skipped("line of no known format")
_TOO_LONG = Skipped("line beyond the most that one event may go on for")


def reader_of(grammars: Callable[[], Grammars], *, read_by: Callable[[], Grammars] | None = None) -> Reader:
    """Give the reader that knows these grammars, and any syslog.

    With `read_by` only files that `grammars` know are recognised, and those are read by all of the others.
    """
    reading = read_by or grammars
    return Reader(
        "text",
        lambda head: sniff(head, grammars(), any_syslog=read_by is None),
        lambda stream: rows(stream, reading()),
        arrived=lambda stream, now: _continued(_each(text_lines(stream), reading(), Years(now, now))),
    )


def sniff(head: bytes, grammars: Grammars, *, any_syslog: bool = True) -> bool:
    """Say whether at least half of the first lines that stand for themselves are known to a grammar, or are syslog if that is enough."""
    if b"\0" in head:
        return False
    whole = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1] or head
    known = unknown = 0
    for line in islice(text_lines(io.BytesIO(whole)), _SNIFFED_LINES):
        if isinstance(line, Skipped):
            continue
        if _is_known(line, grammars, any_syslog=any_syslog):
            known += 1
        elif _GOES_ON.match(line) is None:
            unknown += 1
    return known > 0 and known >= unknown


def rows(stream: IO[bytes], grammars: Grammars) -> Iterator[Row | Skipped]:
    """Yield one row an event; see the module for what becomes of which line."""
    lines = text_lines(stream)
    first = list(islice(lines, LOOK_AHEAD_LINES))
    yield from _continued(_each(chain(first, lines), grammars, Years(today(), _evidence(first, grammars))))


def wrapped(line: str) -> Message:
    """Take off a line what a container's runtime or syslog put around it."""
    return contained(line) or message(line)


def _evidence(lines: list[str | Skipped], grammars: Grammars) -> datetime | None:
    """Give the latest time with a year, if there are times without one."""
    years = Years(today())
    if any(isinstance(line, str) and message(line).yearless is not None for line in lines):
        for _ in _each(iter(lines), grammars, years):
            pass
    return years.evidence


def _each(lines: Iterator[str | Skipped], grammars: Grammars, years: Years) -> Iterator[Row | Skipped | str]:
    """Yield what each line is by itself: the line where that is nothing."""
    for line in lines:
        if isinstance(line, Skipped):
            yield line
            continue
        found = table_row(line) if is_table_row(line) else wrapped(line)
        yield found if isinstance(found, Skipped) else _row(found, grammars, years)


def _row(found: Message, grammars: Grammars, years: Years) -> Row | str:
    if _AUDIT in found.text and isinstance(record := audit_record(found), Row):
        return record
    if END in found.text and is_event(found.text) and isinstance(event := event_row(found), Row):
        return event
    source = grammars.source(found)
    if source is not None:
        return source.row(found, years)
    if not found.wrapped:
        return found.raw
    fields: dict[str, Value] = {"message": found.text, **found.fields}
    service = "container" if "stream" in found.fields else "syslog"
    return Row(log_source("linux", service), header_time(found, fields, years), found.host, fields, found.raw)


def _continued(found: Iterator[Row | Skipped | str]) -> Iterator[Row | Skipped]:
    """Add lines that go on to the event before them."""
    held: Row | None = None
    more: list[str] = []
    for one in found:
        if isinstance(one, str) and held is not None and _GOES_ON.match(one) is not None:
            if len(more) < MAX_CONTINUED_LINES and sum(map(len, more)) + len(one) <= MAX_CONTINUED_CHARS:
                more.append(one)
            else:
                yield _TOO_LONG
            continue
        if held is not None:
            yield _joined(held, more) if more else held
            held, more = None, []
        if isinstance(one, Row):
            held = one
        else:
            yield _UNKNOWN if isinstance(one, str) else one
    if held is not None:
        yield _joined(held, more) if more else held


def _joined(row: Row, more: list[str]) -> Row:
    rest = "\n".join(("", *more))
    said = row.fields.get("message", "")
    fields = {**row.fields, "message": f"{said}{rest}"}
    return Row(row.logsource, row.time, row.host, fields, f"{row.raw}{rest}")


def _is_known(line: str, grammars: Grammars, *, any_syslog: bool) -> bool:
    if is_table_row(line):
        found = table_row(line)
        return any_syslog or (not isinstance(found, Skipped) and grammars.source(found) is not None)
    found = wrapped(line)
    return (any_syslog and (found.wrapped or is_event(found.text))) or grammars.source(found) is not None


text = reader_of(shipped)
