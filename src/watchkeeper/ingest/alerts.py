"""Alerts of other products, read with a mapping. Owns the choice of format and JSON; CSV is `alert_csv`'s, signals `alert_signals`'."""

import io
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, TypeVar, cast

import msgspec

from watchkeeper.content import folder
from watchkeeper.ingest.alert_csv import Dialect, csv_columns, csv_rows, dialect_of
from watchkeeper.ingest.alert_mapping import AlertMapping, read
from watchkeeper.ingest.alert_signals import row_maker
from watchkeeper.ingest.clock import at_once
from watchkeeper.ingest.flatten import TOO_MANY_FIELDS, flatten
from watchkeeper.ingest.jsonstream import Json, Record, records
from watchkeeper.ingest.reader import HEAD_BYTES, Reader, Row, Skipped
from watchkeeper.ingest.record_format import found_at
from watchkeeper.ingest.windows_json import row as windows_row
from watchkeeper.ingest.windows_wazuh import wazuh_event

_NO_HEADER = Skipped("file without the header of the mapping")
_T = TypeVar("_T")


def reader_for(name_or_path: str) -> Reader:
    """Give the reader of a shipped mapping by its name, or of a person's own mapping by the path of its YAML file.

    Raises:
        FileNotFoundError: it is neither a shipped mapping nor a file.
        ValueError: the file is no mapping; the message names file, line and what to do.
    """
    shipped = folder("mappings") / f"{name_or_path}.yml"
    path = shipped if Path(name_or_path).name == name_or_path and shipped.is_file() else Path(name_or_path)
    if not path.is_file():
        names = ", ".join(sorted(known.stem for known in folder("mappings").glob("*.yml")))
        raise FileNotFoundError(f"no alert mapping {name_or_path!r}: give the path of a YAML file, or one of {names}")
    return _reader(read(path))


def _reader(mapping: AlertMapping) -> Reader:
    columns = partial(_opened, mapping, csv_columns) if "csv" in mapping.format else None
    return Reader(mapping.name, partial(_sniff, mapping), partial(_opened, mapping, csv_rows), columns)


def _sniff(mapping: AlertMapping, head: bytes) -> bool:
    if "csv" in mapping.format and dialect_of(mapping, _first_line(head)) is not None:
        return True
    if "jsonl" not in mapping.format or head[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["}:
        return False
    first = next((record for record in records(io.BytesIO(head)) if isinstance(record, Record)), None)
    return first is not None and is_alert(mapping, first.value)


def _first_line(head: bytes) -> str:
    return head.partition(b"\n")[0].decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r")


def _opened(
    mapping: AlertMapping, of_csv: Callable[[AlertMapping, Dialect, IO[bytes]], Iterator[_T]], stream: IO[bytes]
) -> Iterator[_T | Row | Skipped]:
    """Read a stream as CSV in the given way, or as JSON."""
    buffered = io.BufferedReader(cast("io.RawIOBase", stream), HEAD_BYTES)
    try:
        dialect = dialect_of(mapping, _first_line(buffered.peek(HEAD_BYTES))) if "csv" in mapping.format else None
        if dialect is not None:
            yield from of_csv(mapping, dialect, buffered)
        elif "jsonl" in mapping.format:
            yield from _json_rows(mapping, buffered)
        else:
            yield _NO_HEADER
    finally:
        buffered.detach()  # the stream is the caller's to close


def is_alert(mapping: AlertMapping, record: Mapping[str, object]) -> bool:
    """Say whether a record in JSON has what the mapping asks for, nested or under a dotted name."""
    return all(found_at(record, name) is not None for name in mapping.columns) and not any(
        found_at(record, name) for name in mapping.without
    )


def alert_rows(mapping: AlertMapping) -> Callable[[Record], Iterator[Row | Skipped]]:
    """Give the function from one alert in JSON to its row, and to that of the Windows event which Wazuh puts into it."""
    make = row_maker(mapping)
    left_out = set(mapping.leave_out)

    def rows(record: Record) -> Iterator[Row | Skipped]:
        value, raw = record.value, record.raw
        if not left_out.isdisjoint(value):
            value = {name: inner for name, inner in value.items() if name not in left_out}
            raw = msgspec.json.encode(value).decode()
        try:
            fields = flatten(value)
        except ValueError:
            yield TOO_MANY_FIELDS
            return
        for entity in mapping.entities:
            if entity.kind is None and isinstance(value.get(entity.field), list):
                fields[entity.field] = msgspec.json.encode(value[entity.field]).decode()
        alert, about = make(fields, raw), wazuh_event(value)
        if about is None or isinstance(alert, Row):
            yield alert
        if about is not None:
            yield _windows(about)

    return rows


def _windows(about: Mapping[str, Json]) -> Row | Skipped:
    event: dict[str, Json] = {"win": dict(about)}
    return at_once(windows_row(Record(event, msgspec.json.encode(event).decode())))


def _json_rows(mapping: AlertMapping, stream: IO[bytes]) -> Iterator[Row | Skipped]:
    rows = alert_rows(mapping)
    for record in records(stream):
        if isinstance(record, Skipped):
            yield record
        else:
            yield from rows(record)


SHIPPED: tuple[AlertMapping, ...] = tuple(read(path) for path in sorted(folder("mappings").glob("*.yml")))
"""Every shipped mapping, by name."""

ALERT_READERS: tuple[Reader, ...] = tuple(map(_reader, SHIPPED))
"""One reader for each shipped mapping, by name."""
