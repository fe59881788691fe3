"""Linux audit records, as auditd writes them and as collectors wrap them in syslog or JSON. Owns the record grammar.

Source: Linux audit project, "SPEC Audit Event Parsing" and its field dictionary; Microsoft OMS auoms for `AUOMS_*`.
"""

import re
from collections.abc import Iterator
from typing import IO

from watchkeeper.ingest.audit_values import ENCODED, decoded, socket_address
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.syslog import Message, messages
from watchkeeper.ingest.timestamps import from_epoch
from watchkeeper.model.batch import Value

_RECORD = re.compile(
    r"(?:\bnode=(?P<node>\S{1,255}) )?\btype=(?P<type>[\w\[\]-]{1,64}) (?:msg=)?"
    r"audit\((?P<time>\d{1,12}\.\d{1,9}):(?P<serial>\d{1,20})\): ?"
)
_SNIFF = re.compile(rb"\btype=[\w\[\]-]{1,64} (?:msg=)?audit\(\d+\.\d+:\d+\):")
_TOKEN = re.compile(r"""(?<![\w.-])([A-Za-z_][\w.-]{0,63}(?:\[\d{1,6}\])?)=("[^"]*"|\{[^{}]*\}|\[[^\[\]]*\]|[^\s]*)""")
_PART = re.compile(r"(a\d+)\[\d+\]")
_QUOTED = re.compile(r'"([^"]*)"')
_ARGUMENT = re.compile(r"a\d+")
_NOT_AUDIT = Skipped("line without an audit record")


def sniff(head: bytes) -> bool:
    """Say whether at least half of the lines in the head are audit records: other logs with a few of them are read as text."""
    found = sum(1 for _ in _SNIFF.finditer(head))
    return found > 0 and 2 * found >= sum(1 for line in head.splitlines() if not line.isspace())


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a record; the records of one event share `audit_serial`.

    Values that auditd writes as hex are decoded, arguments of EXECVE that it cut in pieces are joined, `msg='...'` is opened. The host is
    the record's node, else what the collector says; auditd itself names none.
    """
    for message in messages(stream):
        yield message if isinstance(message, Skipped) else row(message)


def row(message: Message) -> Row | Skipped:
    """Read the audit record in a message, wherever it begins."""
    found = _RECORD.search(message.text)
    if found is None:
        return _NOT_AUDIT
    kind = found["type"]
    fields: dict[str, Value] = {"type": kind, "audit_serial": found["serial"], "audit_time": found["time"]}
    fields.update(_fields(kind, message.text[found.end() :]))
    node = found["node"] or fields.get("node", "")
    host = node if isinstance(node, str) and node else message.host
    return Row(log_source("linux", "auditd", kind), from_epoch(found["time"]), host, fields, message.raw)


def _fields(kind: str, text: str) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    text, free = _without_free_text(kind, text)
    text, inner = _without_message(text)
    for part in (text, inner):
        for name, written in _TOKEN.findall(part):
            _add(fields, kind, name, written)
    fields.update(free)
    return fields


def _add(fields: dict[str, Value], kind: str, name: str, written: str) -> None:
    value = _value(kind, name, written)
    piece = _PART.fullmatch(name)
    if piece is not None and isinstance(value, str):
        earlier = fields.get(piece[1], "")
        fields[piece[1]] = f"{earlier}{value}" if isinstance(earlier, str) else value
        return
    fields[name] = value
    if name == "saddr":
        fields.update(socket_address(written))
    elif name == "SADDR":
        fields.update(_TOKEN.findall(written))


def _value(kind: str, name: str, written: str) -> Value:
    if len(written) > 1 and written.startswith('"'):
        return written[1:-1]
    if kind.startswith("AUOMS"):
        return _QUOTED.findall(written) if written.startswith("[") else written
    argument = kind == "EXECVE" and (_ARGUMENT.fullmatch(name) or _PART.fullmatch(name))
    return decoded(name, written) if argument or name in ENCODED else written


def _without_message(text: str) -> tuple[str, str]:
    """User-space records carry their own fields in `msg='...'`."""
    start = text.find("msg='")
    end = text.rfind("'")
    if start < 0 or end < start + 5:
        return text, ""
    return f"{text[:start]} {text[end + 1 :]}", text[start + 5 : end]


def _without_free_text(kind: str, text: str) -> tuple[str, dict[str, Value]]:
    """The auoms collector writes command lines as they are, quotes and blanks included, between two fields of its own."""
    if not kind.startswith("AUOMS"):
        return text, {}
    for name in ("cmdline", "proctitle"):
        start, end = text.find(f" {name}="), text.rfind(" redactors=")
        if 0 <= start < end:
            written = text[start + len(name) + 2 : end]
            quoted = len(written) > 1 and written.startswith('"') and written.endswith('"')
            return text[:start] + text[end:], {name: written[1:-1] if quoted else written}
    return text, {}


auditd = Reader("auditd", sniff, rows)
