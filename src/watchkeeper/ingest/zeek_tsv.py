"""Zeek's tab-separated logs. Owns the header grammar and the text of values; Zeek's JSON stands in `zeek_json`.

Source: Zeek documentation, "Zeek Log Formats and Inspection", and the ASCII writer's escapes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO

from watchkeeper.ingest.addresses import inside_end
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.text_lines import text_lines
from watchkeeper.ingest.timestamps import from_epoch, from_iso
from watchkeeper.model.batch import Value

_HEADER = re.compile(rb"\A(?:\xef\xbb\xbf)?#(?:separator|fields|set_separator|empty_field|unset_field|path)\b")
_FIELDS = re.compile(rb"^(?:\xef\xbb\xbf)?#fields[^\w\r\n]", re.MULTILINE)
_ESCAPE = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_CONTAINERS = ("set[", "vector[", "table[", "list[")
_BOOLEANS = {"T": "true", "F": "false"}

_NO_HEADER = Skipped("line before a #fields header")
_TOO_FEW = Skipped("fewer values than the header names")
_TOO_MANY = Skipped("more values than the header names")
_BAD_HEADER = Skipped("header line that cannot be read")


@dataclass(frozen=True, slots=True)
class _Header:
    separator: str = "\t"
    set_separator: str = ","
    empty: str = "(empty)"
    unset: str = "-"
    path: str = ""
    fields: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    readers: tuple[Callable[[str], Value], ...] = field(default=())


def sniff(head: bytes) -> bool:
    """Say whether the file opens with a Zeek header that names its fields."""
    return _HEADER.match(head) is not None and _FIELDS.search(head) is not None


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a data line; header lines are no records, and a header may change midway.

    Unset values are left out, an empty set or vector is an empty list, booleans become true and false. The host is the originator, or the
    responder where only that is a private address.
    """
    header = _Header()
    for line in text_lines(stream):
        if isinstance(line, Skipped):
            yield line
        elif line.startswith("#"):
            changed = _changed(header, line)
            if isinstance(changed, Skipped):
                yield changed
            else:
                header = changed
        else:
            yield _row(header, line)


def _changed(header: _Header, line: str) -> _Header | Skipped:
    if line.startswith("#separator"):
        return _separated(header, line)
    key, _, rest = line[1:].partition(header.separator)
    match key:
        case "set_separator" | "empty_field" | "unset_field" | "path":
            name = {"empty_field": "empty", "unset_field": "unset"}.get(key, key)
            return _compiled(replace(header, **{name: _unescaped(rest)})) if rest else _BAD_HEADER
        case "fields":
            return _compiled(replace(header, fields=tuple(rest.split(header.separator)), types=()))
        case "types":
            return _compiled(replace(header, types=tuple(rest.split(header.separator))))
        case _:
            return header


def _separated(header: _Header, line: str) -> _Header | Skipped:
    separator = _unescaped(line.removeprefix("#separator").strip(" "))
    return replace(header, separator=separator) if len(separator) == 1 else _BAD_HEADER


def _compiled(header: _Header) -> _Header:
    types = header.types if len(header.types) == len(header.fields) else ("string",) * len(header.fields)
    return replace(header, readers=tuple(_reader(kind, header) for kind in types))


def _reader(kind: str, header: _Header) -> Callable[[str], Value]:
    if kind.startswith(_CONTAINERS):
        return lambda text: _items(text, header)
    if kind == "bool":
        return lambda text: _BOOLEANS.get(text, text)
    if kind in {"string", "enum", "func", "pattern"}:
        return lambda text: "" if text == header.empty else _unescaped(text)
    return str


def _items(text: str, header: _Header) -> list[str]:
    return [] if text == header.empty else [_unescaped(item) for item in text.split(header.set_separator)]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\x" in text else text


def _character(match: re.Match[str]) -> str:
    """Bytes that are no UTF-8 stay escaped, as the source wrote them."""
    try:
        return bytes.fromhex(match[0].replace("\\x", "")).decode()
    except UnicodeDecodeError:
        return match[0]


def _row(header: _Header, line: str) -> Row | Skipped:
    if not header.fields:
        return _NO_HEADER
    values = line.split(header.separator)
    if len(values) != len(header.fields):
        return _TOO_FEW if len(values) < len(header.fields) else _TOO_MANY
    unset = header.unset
    fields = {name: read(value) for name, value, read in zip(header.fields, values, header.readers, strict=True) if value != unset and name}
    return Row(log_source("zeek", header.path), time_of(fields), host_of(fields), fields, line)


def time_of(fields: Mapping[str, Value]) -> datetime | None:
    """Read `ts`, which Zeek writes as seconds since 1970 or, when told to, as ISO 8601."""
    text = fields.get("ts")
    if not isinstance(text, str):
        return None
    return from_iso(text) if "T" in text else from_epoch(text)


def host_of(fields: Mapping[str, Value]) -> str:
    """Give the end of the connection that the record is about, empty if it has no connection."""
    originator, responder = fields.get("id.orig_h"), fields.get("id.resp_h")
    if isinstance(originator, str):
        return inside_end(originator, responder if isinstance(responder, str) else "")
    return ""


zeek_tsv = Reader("zeek_tsv", sniff, rows)
