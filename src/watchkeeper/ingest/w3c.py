"""Logs in the W3C's extended format, whose header names the fields: IIS, HTTP.SYS, Exchange, Windows' firewall, ProxySG, CloudFront.

Owns the header and cutting lines by it; lines of IIS that have lost their header are a grammar's (`content/sources/iis.yml`).
Source: W3C, "Extended Log File Format" (WD-logfile-960323); Microsoft Learn, "W3C Logging", "Protocol logging", "Windows Firewall logging".
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from watchkeeper.ingest.lines import MAX_RECORD_BYTES
from watchkeeper.ingest.log_times import iso
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.text_lines import text_lines
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

MAX_COLUMNS = 1_024
"""Fields that a header may name."""
_SNIFF = re.compile(rb"^#Fields: ?\S", re.MULTILINE)
_BEGINS = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:#(?:Software|Version|Date|Fields|Start-Date|End-Date|Remark|Log-[Tt]ype)\b|[A-Za-z][\w-]*,[^\n]*\n#)"
)
_NAMES = re.compile(r"(?:[A-Za-z][\w-]{0,63},)+[A-Za-z][\w-]{0,63}\Z")
_PRODUCTS = (
    ("Microsoft Internet Information Services", "iis", "w3c"),
    ("Microsoft HTTP API", "iis", "httperr"),
    ("Microsoft HTTP Server API", "iis", "httperr"),
    ("Microsoft Windows Firewall", "windows_firewall", "pfirewall"),
    ("Microsoft Exchange", "exchange", ""),
    ("SGOS", "bluecoat", "proxysg"),
)
"""What the header says of the software, and the log source; without a service, it is what the header calls the log."""
_TIMES = ("date-time", "DateTime", "timestamp", "Timestamp")
_HOSTS = ("s-computername", "server-hostname", "ServerHostName", "ServerHost")
_NO_HEADER = Skipped("line before the names of its fields")
_OTHER_COLUMNS = Skipped("line with other columns than its header names")


def sniff(head: bytes) -> bool:
    """Say whether a header names the fields of what follows."""
    return _BEGINS.match(head) is not None and _SNIFF.search(head) is not None


@dataclass(slots=True)
class _Header:
    """What the lines so far that begin with a number sign say."""

    software: str = ""
    kind: str = ""
    date: str = ""
    names: Sequence[str] = ()
    separator: str = " "
    logsource: LogSource | None = None

    def told(self, line: str) -> None:
        name, _, value = line[1:].partition(":")
        value = value.strip()
        match name.lower():
            case "software":
                self.software = value
            case "log-type":
                self.kind = value
            case "date":
                self.date = value.partition(" ")[0]
            case "fields":
                self.separator = "\t" if "\t" in value else "," if "," in value else " "
                self.names = _unique([one.strip() for one in value.split(self.separator) if one.strip()][:MAX_COLUMNS])
            case _:
                return
        self.logsource = self._source()

    def _source(self) -> LogSource:
        for begins, product, service in _PRODUCTS:
            if self.software.startswith(begins):
                return log_source(product, service or self.kind or "log")
        return log_source("aws", "cloudfront") if "x-edge-location" in self.names else log_source("w3c", "log")


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a line, by the names that the header above it gives; a header may stand anywhere again."""
    header = _Header()
    for line in text_lines(stream):
        if isinstance(line, Skipped):
            yield line
        elif line.startswith("#"):
            header.told(line)
        elif header.names:
            yield _row(line, header)
        elif _NAMES.match(line) is None:  # Exchange writes the names once more, as those of a CSV file
            yield _NO_HEADER


def _row(line: str, header: _Header) -> Row | Skipped:
    values = _cut(line, header.separator)
    if len(values) != len(header.names) or header.logsource is None:
        return _OTHER_COLUMNS
    fields: dict[str, Value] = {name: value for name, value in zip(header.names, values, strict=True) if value not in {"-", ""}}
    host = next((value for name in _HOSTS if isinstance(value := fields.get(name), str)), "")
    return Row(header.logsource, _time(fields, header.date), host, fields, line)


def _cut(line: str, separator: str) -> Sequence[str]:
    quotes = line.count('"')
    if not quotes:
        return line.rstrip().split() if separator == " " else line.split(separator)
    csv.field_size_limit(MAX_RECORD_BYTES)  # it is the process's: whoever reads CSV says it
    try:
        return line.split(separator) if quotes % 2 else next(csv.reader([line.rstrip()], delimiter=separator))
    except (csv.Error, StopIteration):  # a stray line end
        return line.split(separator)


def _time(fields: Mapping[str, Value], date: str) -> datetime | None:
    clock = fields.get("time")
    if isinstance(clock, str):
        return iso(f"{fields.get('date', date)} {clock.strip('[]')}")
    return next((iso(value) for name in _TIMES if isinstance(value := fields.get(name), str)), None)


def _unique(names: Sequence[str]) -> Sequence[str]:
    """A name that stands twice gets an underscore behind."""
    found: dict[str, None] = {}
    for name in names:
        written = name
        while written in found:
            written += "_"
        found[written] = None
    return tuple(found)


w3c = Reader("w3c", sniff, rows)
