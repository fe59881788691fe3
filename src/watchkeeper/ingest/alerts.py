"""Alerts of other products, read with a mapping. Owns the rows; the grammar stands in `alert_mapping`, the signals in `alert_signals`."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, cast

import msgspec

from watchkeeper.content import folder
from watchkeeper.ingest.alert_mapping import AlertMapping, read
from watchkeeper.ingest.alert_signals import signal_maker, time_reader
from watchkeeper.ingest.clock import at_once
from watchkeeper.ingest.flatten import TOO_MANY_FIELDS, flatten
from watchkeeper.ingest.jsonstream import Json, Record, records
from watchkeeper.ingest.lines import MAX_RECORD_BYTES, lines
from watchkeeper.ingest.reader import HEAD_BYTES, Reader, Row, Skipped
from watchkeeper.ingest.record_format import found_at
from watchkeeper.ingest.windows_json import row as windows_row
from watchkeeper.ingest.windows_wazuh import wazuh_event
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

_NO_RULE = Skipped("alert that names no rule")
_NO_HEADER = Skipped("file without the header of the mapping")
_RAGGED = Skipped("more or fewer values than the header names")
_NOT_CSV = Skipped("not CSV")


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
    return Reader(mapping.name, partial(_sniff, mapping), partial(_rows, mapping))


def _sniff(mapping: AlertMapping, head: bytes) -> bool:
    if "csv" in mapping.format and _dialect(mapping, _first_line(head)) is not None:
        return True
    if "jsonl" not in mapping.format or head[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"["}:
        return False
    first = next((record for record in records(io.BytesIO(head)) if isinstance(record, Record)), None)
    return first is not None and is_alert(mapping, first.value)


def _first_line(head: bytes) -> str:
    return head.partition(b"\n")[0].decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r")


def _fits(mapping: AlertMapping, names: Sequence[str]) -> bool:
    return set(mapping.columns) <= set(names) and set(mapping.without).isdisjoint(names)


def _dialect(mapping: AlertMapping, header: str) -> tuple[str, list[str]] | None:
    """The delimiter that makes the header fit, and the columns."""
    for delimiter in mapping.delimiter:
        try:
            names = next(csv.reader([header], delimiter=delimiter))
        except (csv.Error, StopIteration):
            continue
        if _fits(mapping, names):
            return delimiter, names
    return None


def _rows(mapping: AlertMapping, stream: IO[bytes]) -> Iterator[Row | Skipped]:
    buffered = io.BufferedReader(cast("io.RawIOBase", stream), HEAD_BYTES)
    try:
        dialect = _dialect(mapping, _first_line(buffered.peek(HEAD_BYTES))) if "csv" in mapping.format else None
        if dialect is not None:
            yield from _csv_rows(mapping, dialect, buffered)
        elif "jsonl" in mapping.format:
            yield from _json_rows(mapping, buffered)
        else:
            yield _NO_HEADER
    finally:
        buffered.detach()  # the stream is the caller's to close


def _csv_rows(mapping: AlertMapping, dialect: tuple[str, list[str]], stream: IO[bytes]) -> Iterator[Row | Skipped]:
    delimiter, header = dialect
    stream.readline()
    make = _maker(mapping)
    kept = [index for index, name in enumerate(header) if name and name not in mapping.leave_out]
    names = [header[index] for index in kept]
    for cells in _records(stream, delimiter, len(header)):
        if isinstance(cells, Skipped):
            yield cells
            continue
        found = [cells[index] for index in kept]
        fields: dict[str, Value] = dict(zip(names, found, strict=True))
        if "" in found:
            fields = {name: cell for name, cell in fields.items() if cell}
        yield make(fields, _joined(found, delimiter))


def _records(stream: IO[bytes], delimiter: str, width: int) -> Iterator[list[str] | Skipped]:
    """Cut the stream into records, which may go on over lines; lines of one that turns out to be none are read each by itself."""
    csv.field_size_limit(MAX_RECORD_BYTES)
    too_long: list[Skipped] = []
    taken: list[str] = []
    parsed = csv.reader(_decoded(stream, too_long, taken), delimiter=delimiter)
    while (cells := _next(parsed)) is not None:
        if len(taken) > 1 and (isinstance(cells, Skipped) or len(cells) != width or sum(line.count('"') for line in taken) % 2):
            for line in taken:
                yield from _whole(_next(csv.reader([line], delimiter=delimiter)), width)
        else:
            yield from _whole(cells, width)
        taken.clear()
        yield from too_long
        too_long.clear()
    yield from too_long


def _next(parsed: Iterator[list[str]]) -> list[str] | Skipped | None:
    try:
        return next(parsed, None)
    except csv.Error:
        return _NOT_CSV


def _whole(cells: list[str] | Skipped | None, width: int) -> Iterator[list[str] | Skipped]:
    """Yield what has as many values as the header has names; nothing for a blank line."""
    if isinstance(cells, Skipped) or (cells and len(cells) == width):
        yield cells
    elif cells:
        yield _RAGGED


def _decoded(stream: IO[bytes], too_long: list[Skipped], taken: list[str]) -> Iterator[str]:
    for line in lines(stream):
        if isinstance(line, Skipped):
            too_long.append(line)
        else:
            taken.append(line.decode("utf-8", "replace"))
            yield taken[-1]


def _joined(cells: list[str], delimiter: str) -> str:
    """Write the cells as one line of CSV, quoted only where that is needed."""
    text = delimiter.join(cells)
    if '"' not in text and "\n" not in text and "\r" not in text and text.count(delimiter) == len(cells) - 1:
        return text
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return line.getvalue()


def is_alert(mapping: AlertMapping, record: Mapping[str, object]) -> bool:
    """Say whether a record in JSON has what the mapping asks for, nested or under a dotted name."""
    return all(found_at(record, name) is not None for name in mapping.columns) and not any(
        found_at(record, name) for name in mapping.without
    )


def alert_rows(mapping: AlertMapping) -> Callable[[Record], Iterator[Row | Skipped]]:
    """Give the function from one alert in JSON to its row, and to that of the Windows event which Wazuh puts into it."""
    make = _maker(mapping)
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


def _maker(mapping: AlertMapping) -> Callable[[dict[str, Value], str], Row | Skipped]:
    logsource = LogSource(product=mapping.name, service="alerts")
    time, signal_of = time_reader(mapping.time), signal_maker(mapping)

    def make(fields: dict[str, Value], raw: str) -> Row | Skipped:
        signal = signal_of(fields)
        if not signal.fields:
            return _NO_RULE
        moment = time(fields)
        fields.update(signal.fields)
        return Row(logsource, moment, signal.host, fields, raw)

    return make


SHIPPED: tuple[AlertMapping, ...] = tuple(read(path) for path in sorted(folder("mappings").glob("*.yml")))
"""Every shipped mapping, by name."""

ALERT_READERS: tuple[Reader, ...] = tuple(map(_reader, SHIPPED))
"""One reader for each shipped mapping, by name."""
