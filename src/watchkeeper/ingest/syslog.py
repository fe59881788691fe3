r"""Messages that a collector wrapped: syslog lines, Sentinel's Syslog table, the journal as JSON. Owns the header, not the message.

Read are RFC 5424 (also where a relay took the priority off), RFC 3164 and what devices write instead: without priority, with a year
before or behind, with an ISO time, after an octet count, Cisco's sequence numbers and marks (`<190>41: *Mar 1 18:46:11.123 UTC:
%SYS-5-…`), a header within a relay's header.
Source: RFC 3164, RFC 5424, RFC 6587; Azure Monitor reference, table Syslog; systemd, "Journal JSON Format".
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, NamedTuple

from watchkeeper.ingest.jsonstream import Record, decode_text
from watchkeeper.ingest.log_times import iso, traditional
from watchkeeper.ingest.reader import Skipped
from watchkeeper.ingest.text_lines import text_lines
from watchkeeper.ingest.timestamps import from_epoch
from watchkeeper.ingest.years import Moment

_HEADER = re.compile(
    r"(?:\d{1,7} (?=<))?(?:<(?P<priority>\d{1,3})>(?:1? (?=\d{4}-))?)?"
    r"(?:\d{0,10}: )?(?:(?P<origin>[\w.-]{1,255}): )?[*.]?"
    r"(?:(?:(?P<year_before>(?:19|20)\d\d) )?"
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(?P<day>\d\d?)(?: (?P<year>\d{4}))? "
    r"(?P<clock>\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: (?P<year_behind>(?:19|20)\d\d)(?=[: ]))?(?: (?P<zone>[A-Z]{3,5})(?=: ))?"
    r"|(?P<iso>\d{4}-\d\d-\d\d(?P<t>[T ])\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?))"
    r"(?P<colon> ?:)? "
)
_STRUCTURED = re.compile(
    r"(?:(?:\d{1,7} )?<(?P<priority>\d{1,3})>[1-9]\d? | ?1 (?=\d{4}-\d\d-\d\dT))(?P<time>\S{1,64}) (?P<host>\S{1,255}) "
    r"(?P<program>\S{1,128}) (?P<pid>\S{1,128}) (?P<id>\S{1,128}) "
    r"(?P<data>-(?= |\Z)|(?=\[))"
)
_USUAL = re.compile(
    r"(?:<(\d{1,3})>)?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\d\d?) (\d\d:\d\d:\d\d) "
    r"(?!\d{4} |[A-Z]{3,5}: )((?:[\w:][\w.:/@-]{0,253})?\w) "
    r"(?!CEF:|LEEF:)([A-Za-z_/(][^\s:\[\]=\"|<>]{0,127})(?:\[([^\]\s]{0,63})\])?:(?: |\Z)"
)
_PRIORITY = re.compile(r"(?:\d{1,7} )?<(\d{1,3})>(?=\S)")
_TAG = re.compile(
    r"(?:(?P<host>(?:[\w:][\w.:/@-]{0,253})?\w) (?:: )?)?"
    r"(?:(?!CEF:|LEEF:)(?P<program>[A-Za-z_/(][^\s:\[\]=\"|<>]{0,127})(?:\[(?P<pid>[^\]\s]{0,63})\](?:\(\w{1,16}\))?(?:: ?| )|:(?: |\Z)))?"
)
_ELEMENT = re.compile(r"""\[([^\s="\]]{1,64})((?: +[^\s="\]]{1,64}="(?:[^"\\]|\\.)*+")*+) *\]""")
_PARAMETER = re.compile(r"""([^\s="\]]{1,64})="((?:[^"\\]|\\.)*+)\"""")
_ESCAPED = re.compile(r'\\(["\\\]])')
_LEVELS = {"trace", "debug", "info", "notice", "warn", "warning", "error", "err", "fatal", "critical", "severe", "accept", "close"}
"""Words that programs write behind a time, where syslog has the host."""
_FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
)  # fmt: skip
_SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_VERSION = ("1 ", " 1 ")
"""RFC 5424's version, where a relay took the priority off."""
_PRIORITY_WITHIN = 10
"""A priority begins within so many characters: an octet count and a blank may stand before it."""
_NOTHING: Mapping[str, str] = {}


class Message(NamedTuple):
    """One message and what its wrapping says of it."""

    text: str
    """What stands behind the header: the whole line if there is none."""
    host: str
    """Host that the wrapping names; empty if it names none."""
    time: datetime | None
    """When the wrapping says it was, UTC; none where it gives no year."""
    raw: str
    """The whole record."""
    program: str = ""
    """Program that the wrapping names, as written."""
    yearless: datetime | None = None
    """Its time without a year, in `years.ANY_YEAR`."""
    wrapped: bool = False
    """Whether there was any wrapping."""
    fields: Mapping[str, str] = _NOTHING
    """What else it says: program, pid, facility, severity, message_id, time_zone, and structured data by its own names."""


def messages(stream: IO[bytes]) -> Iterator[Message | Skipped]:
    """Yield the message of each line; a line of JSON is taken for a row of a table."""
    for line in text_lines(stream):
        if isinstance(line, Skipped):
            yield line
        elif line.lstrip(" \t[,").startswith("{"):
            yield table_row(line)
        else:
            yield message(line)


def table_row(line: str) -> Message | Skipped:
    """Read a row of Sentinel's Syslog table or of the journal, as JSON; the message is empty if it is neither."""
    record = decode_text(line.strip(" \t[],"))
    if isinstance(record, Skipped):
        return record
    moment = iso(_text(record, "EventTime", "TimeGenerated", "@timestamp")) or from_epoch(
        _text(record, "__REALTIME_TIMESTAMP"), per_second=1_000_000
    )
    found = {
        "program": _text(record, "ProcessName", "SYSLOG_IDENTIFIER", "_COMM"),
        "pid": _text(record, "ProcessID", "_PID", "SYSLOG_PID"),
        "facility": _text(record, "Facility"),
        "severity": _text(record, "SeverityLevel"),
    }
    fields = {name: value for name, value in found.items() if value}
    host = _text(record, "HostName", "Computer", "hostname", "host", "_HOSTNAME")
    text = _text(record, "SyslogMessage", "message", "Message", "MESSAGE")
    return Message(text, host, moment, record.raw, found["program"], None, wrapped=True, fields=fields)


def is_table_row(line: str) -> bool:
    """Say whether a line looks like a row of such a table."""
    return line[0] in "{ \t[," and line.lstrip(" \t[,").startswith("{") and ('"SyslogMessage"' in line or '"SYSLOG_IDENTIFIER"' in line)


def _text(record: Record, *names: str) -> str:
    for name in names:
        found = record.value.get(name)
        if isinstance(found, str | int) and found != "":
            return str(found)
    return ""


def message(line: str) -> Message:
    """Take the header off a line; a line without one is its own message."""
    usual = _USUAL.match(line)
    if usual is not None:
        return _usual(usual, line)
    found = _STRUCTURED.match(line) if "<" in line[:_PRIORITY_WITHIN] or line.startswith(_VERSION) else None
    if found is not None:
        return _structured(found, line)
    found = _HEADER.match(line)
    wrapped = None if found is None else _traditional(found, line)
    if wrapped is None:
        return _bare(line)
    if not wrapped.program and (inner := _HEADER.match(wrapped.text)) is not None:
        return _relayed(wrapped, _traditional(inner, wrapped.text))
    return wrapped


def _usual(found: re.Match[str], line: str) -> Message:
    """Give the message of a line of RFC 3164 that names host and program, as most do: what the general way gives, faster."""
    priority, month, day, clock, host, program, pid = found.groups()
    moment = traditional(month, day, clock, "")
    fields = {"program": program, "pid": pid} if pid else {"program": program}
    if priority:
        _prioritised(fields, priority)
    yearless = None if moment is None else moment[0]
    return Message(line[found.end() :], host, None, line, program, yearless, wrapped=True, fields=fields)


def _bare(line: str) -> Message:
    """Some devices send a priority and nothing else."""
    found = _PRIORITY.match(line) if "<" in line[:_PRIORITY_WITHIN] else None
    if found is None:
        return Message(line, "", None, line)
    fields: dict[str, str] = {}
    _prioritised(fields, found[1])
    return Message(line[found.end() :], "", None, line, wrapped=True, fields=fields)


def _traditional(found: re.Match[str], line: str) -> Message | None:
    """Give the message, or none if the line only begins with a time, as many that are no syslog do."""
    priority, origin, year_before, month, day, year, clock, year_behind, zone, iso_text, t, colon = found.groups()
    at = found.end()
    if month is None:
        moment: Moment | None = None if (dated := iso(iso_text)) is None else (dated, True)
    else:
        moment = traditional(month, day, clock, year_before or year or year_behind or "")
    host, program, pid, at = ("", "", "", at) if colon else _tag(line, at)
    if month is None and not priority and not _is_tag(host, program, t):
        return None
    fields: dict[str, str] = {}
    if program:
        fields["program"] = program
    if pid:
        fields["pid"] = pid
    if priority:
        _prioritised(fields, priority)
    if zone and zone not in {"UTC", "GMT"}:
        fields["time_zone"] = zone
    time, yearless = (None, None) if moment is None else (moment[0], None) if moment[1] else (None, moment[0])
    return Message(line[at:], origin or host, time, line, program, yearless, wrapped=True, fields=fields)


def _is_tag(host: str, program: str, t: str) -> bool:
    """Say whether what stands behind an ISO time may be a host and a program; most programs write something else there."""
    if not host or host.lower() in _LEVELS:
        return False
    if program:
        return t == "T" or "/" not in host
    return t == "T" and len(host) > 1 and not host.isdecimal()


def _tag(line: str, at: int) -> tuple[str, str, str, int]:
    found = _TAG.match(line, at)
    if found is None:
        return "", "", "", at
    host, program, pid = found.groups()
    return host or "", program or "", pid or "", found.end()


def _prioritised(fields: dict[str, str], priority: str) -> None:
    """RFC 5424, 6.2.1: the priority is eight times the facility plus the severity."""
    facility, severity = divmod(int(priority), 8)
    if facility < len(_FACILITIES):
        fields["facility"], fields["severity"] = _FACILITIES[facility], _SEVERITIES[severity]


def _relayed(outer: Message, inner: Message | None) -> Message:
    """A relay put its own header before the sender's, whose host, program and time are nearer to the event."""
    if inner is None:
        return outer
    host = inner.host or outer.host
    return inner._replace(host=host, raw=outer.raw, fields={**outer.fields, **inner.fields})


def _structured(found: re.Match[str], line: str) -> Message:
    priority, time, host, program, pid, message_id, _ = ("" if value is None or value == "-" else value for value in found.groups())
    named = {"program": program, "pid": pid, "message_id": message_id}
    fields = {name: value for name, value in named.items() if value}
    if priority:
        _prioritised(fields, priority)
    at = found.end()
    while (element := _ELEMENT.match(line, at)) is not None:
        at = element.end()
        for name, value in _PARAMETER.findall(element[2]):
            fields[f"{element[1]}.{name}" if name in fields or name == "message" else name] = _ESCAPED.sub(r"\1", value)
    text = line[at:].removeprefix(" ").removeprefix("\ufeff")
    return Message(text, host, iso(time), line, program, None, wrapped=True, fields=fields)
