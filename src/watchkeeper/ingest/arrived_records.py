"""One record in JSON as a shipper hands it over: whose event it is, within whatever was put around it. Formats are their readers'.

A record is read for itself, never by those around it, so that its events do not depend on what came with it.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

from watchkeeper.ingest.clock import at_once
from watchkeeper.ingest.json_records import rows_of
from watchkeeper.ingest.jsonstream import Json, Record
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.timestamps import from_epoch, from_iso
from watchkeeper.ingest.windows_ecs import at
from watchkeeper.ingest.windows_json import row as windows_row
from watchkeeper.ingest.zeek_json import is_zeek
from watchkeeper.ingest.zeek_json import row as zeek_row

ReadText = Callable[[bytes], Iterable[Row | Skipped]]
"""Reads one line of text."""
_TEXTS = ("event.original", "message", "log", "MESSAGE", "event", "body", "body.stringValue", "_raw")
"""Where shippers put the line that they read: Filebeat, Fluent Bit, journald, HEC, OTLP, Splunk."""
_HOSTS = ("host.name", "host.hostname", "host", "hostname", "agent.hostname", "_HOSTNAME")
_TIMES = ("@timestamp", "timestamp", "time", "date")
_MOST_SECONDS = 1e11


class Read(NamedTuple):
    """What became of one record."""

    reader: str
    """Name of who read it; empty if nobody did."""
    rows: list[Row]
    skipped: list[Skipped]


def read(record: Record, text: ReadText) -> Read:
    """Give the events of a record; `text` reads the line that a shipper put into one."""
    reader, found = next(((name, found) for name, found in _ways(record, text) if _rows(found)), ("", list[Row | Skipped]()))
    rows = _rows(found)
    if len(rows) == 1:
        rows = [msgspec.structs.replace(rows[0], raw=record.raw)]
    return Read(reader, [completed(row, record.value) for row in rows], [one for one in found if isinstance(one, Skipped)])


def read_windows(record: Record, text: ReadText) -> Read:
    """Give the events of a record that the hot lane took: as Windows' reader sees it, which is what `read` comes to."""
    row = at_once(windows_row(record))
    return Read("windows_json", [completed(row, record.value)], []) if isinstance(row, Row) else read(record, text)


def completed(row: Row, value: Mapping[str, Json]) -> Row:
    """Give an event the time and the host that a shipper wrote beside it, where it has none of its own."""
    if row.time is not None and row.host:
        return row
    return msgspec.structs.replace(row, time=row.time or _time(value), host=row.host or _text(value, _HOSTS))


def _ways(record: Record, text: ReadText) -> Iterator[tuple[str, list[Row | Skipped]]]:
    """Yield who might read the record, and what that gives, the surest first."""
    if is_zeek(record.value):
        yield "zeek_json", [zeek_row(record)]
    yield "json_records", list(rows_of(record))
    yield "windows_json", [at_once(windows_row(record))]
    line = _text(record.value, _TEXTS)
    if line:
        yield "text", list(text(line.encode(errors="replace")))


def _rows(found: Iterable[Row | Skipped]) -> list[Row]:
    return [one for one in found if isinstance(one, Row)]


def _text(value: Mapping[str, Json], paths: Iterable[str]) -> str:
    return next((found for path in paths if isinstance(found := at(value, path), str) and found), "")


def _time(value: Mapping[str, Json]) -> datetime | None:
    for name in _TIMES:
        written = value.get(name)
        if isinstance(written, int) and not isinstance(written, bool):
            written = str(written)
        if isinstance(written, str) and (time := from_iso(written) or _epoch(written)) is not None:
            return time
    return None


def _epoch(written: str) -> datetime | None:
    try:
        seconds = float(written) < _MOST_SECONDS
    except ValueError:
        return None
    return from_epoch(written, per_second=1 if seconds else 1_000)


def line_reader(reader: Reader, now: datetime) -> ReadText:
    """Give the function that reads one line by a reader of text, as of a time."""
    arrived = reader.arrived
    return lambda line: reader.rows(io.BytesIO(line)) if arrived is None else arrived(io.BytesIO(line), now)
