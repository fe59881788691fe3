"""Records of clouds and services in JSON, each by the format that knows it, also mixed in one file and within what collectors add.

Owns asking who knows a record; how a product writes its records stands in `content/records`, what may be around them in `envelopes`.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import IO, cast

import msgspec

from watchkeeper.ingest.alert_mapping import AlertMapping
from watchkeeper.ingest.alert_signals import time_reader
from watchkeeper.ingest.alerts import SHIPPED, alert_rows, is_alert
from watchkeeper.ingest.azure import azure_row
from watchkeeper.ingest.clock import Timed, at_once
from watchkeeper.ingest.cloudtrail import cloudtrail_row
from watchkeeper.ingest.envelopes import LISTS, listed, unwrapped
from watchkeeper.ingest.flatten import MAX_FIELDS, TOO_MANY_FIELDS, flatten, text_of
from watchkeeper.ingest.jsonstream import Json, Record, records
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.m365 import m365_row
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.record_format import RecordFormat, formats, found_at
from watchkeeper.ingest.suricata import suricata_row
from watchkeeper.ingest.windows_json import row as windows_row
from watchkeeper.model.batch import Value

_Rows = Iterable[Row | Skipped]
_Shape = Callable[[Mapping[str, Json], str], Row | Skipped]

_UNKNOWN = Skipped("JSON of no product that is known")
_WITHIN = ("Records", "records", "items", "value")
_WRAPPED = "wrapped"
_SNIFFED = 8
_MAX_LISTED = 100_000
_NAMES = ("name", "Name", "Key")
_VALUES = ("value", "intValue", "boolValue", "multiValue", "multiIntValue", "Value", "ValueString")
_OPENING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*[\[{]")
_LIST = re.compile(rb'"(?:%s)"\s*:\s*\[' % "|".join(LISTS).encode())
_OTHERS: Mapping[str, Callable[[Record], Row | Timed | Skipped]] = {
    "cloudtrail": cloudtrail_row,
    "suricata": suricata_row,
    "m365": m365_row,
    "azure": azure_row,
    "windows": windows_row,
}
"""Readers beside this one, whose records may stand in an envelope or between others."""


def sniff(head: bytes) -> bool:
    """Say whether the first records are of a format in `content/records`, stand in an envelope, or are of several products."""
    if _OPENING.match(head) is None:
        return False
    found = _first(head, _SNIFFED)
    if not found and (opened := _LIST.search(head)) is not None:  # a document longer than the head
        return any(_whose(one) is not None for one in _first(b"[" + head[opened.end() :], 1))
    whose = [name for one in found if (name := _whose(one)) is not None]
    return bool(whose) and (whose[0] not in _OTHERS or len(set(whose)) > 1)


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row an event; a document that lists records gives each of them."""
    for record in records(stream, within=_WITHIN):
        if isinstance(record, Skipped):
            yield record
        else:
            yield from _rows(record)


def _first(head: bytes, count: int) -> list[Record]:
    found = records(io.BytesIO(head), within=_WITHIN)
    return list(islice((one for one in found if isinstance(one, Record)), count))


def _whose(record: Record) -> str | None:
    """Name the format or reader that knows a record, or `wrapped` if somebody knows what is in it; none if nobody does."""
    known = _opened(record)
    if known is not None:
        return known[0]
    return next((_WRAPPED for value in _inside(record)[:1] if _opened(_again(value)) is not None), None)


def _rows(record: Record) -> Iterator[Row | Skipped]:
    known = _opened(record)
    inside = [] if known is not None else _inside(record)
    if known is not None:
        yield from known[1]
    elif not inside or len(inside) > _MAX_LISTED:
        yield _UNKNOWN
    for value in inside[:_MAX_LISTED]:
        one = _opened(_again(value))
        yield from (_UNKNOWN,) if one is None else one[1]


def _inside(record: Record) -> list[dict[str, Json]]:
    """Give the records that a document lists, or what it is wrapped around does."""
    found = filter(None, map(listed, (record.value, *unwrapped(record.value))))
    return next(found, list[dict[str, Json]]())


def _opened(record: Record) -> tuple[str, _Rows] | None:
    """Give who knows a record and its rows, as it stands or without its envelope; none if nobody does."""
    known = _by_format(record)
    if known is not None:
        return known
    inner = [_again(value) for value in unwrapped(record.value)]
    within = next((found[1] for one in inner if (found := _by_format(one)) is not None), None)
    if within is not None:
        return _WRAPPED, within
    other = _by_reader(record)
    if other is not None:
        return other
    return next(((_WRAPPED, found[1]) for one in inner if (found := _by_reader(one)) is not None), None)


def _by_format(record: Record) -> tuple[str, _Rows] | None:
    alert = next(((mapping.name, rows_of(record)) for mapping, rows_of in _alerts() if is_alert(mapping, record.value)), None)
    if alert is not None:
        return alert
    return next(((known.name, _events(known, row, record)) for known, row in _shapes() if known.fits(record.value)), None)


def _by_reader(record: Record) -> tuple[str, _Rows] | None:
    for name, other in _OTHERS.items():
        found = other(record)
        if isinstance(found, Skipped):
            if found is TOO_MANY_FIELDS:
                return name, (found,)
        elif found.logsource.service:
            return name, (at_once(found),)
    return None


def _again(value: dict[str, Json]) -> Record:
    return Record(value, msgspec.json.encode(value).decode())


@cache
def _alerts() -> tuple[tuple[AlertMapping, Callable[[Record], _Rows]], ...]:
    return tuple((mapping, alert_rows(mapping)) for mapping in SHIPPED if "jsonl" in mapping.format)


@cache
def _shapes() -> tuple[tuple[RecordFormat, _Shape], ...]:
    return tuple((known, _shape(known)) for known in formats())


def _shape(known: RecordFormat) -> _Shape:
    """Give the function from a record of the format to its row."""
    time = time_reader(known.time)

    def row(record: Mapping[str, Json], raw: str) -> Row | Skipped:
        try:
            fields = flatten(record)
        except ValueError:
            return TOO_MANY_FIELDS
        for path in known.pairs:
            for name, value in _paired(_every(record, path.split("."))):
                fields.setdefault(f"{path}.{name}", value)
        if len(fields) > MAX_FIELDS:
            return TOO_MANY_FIELDS
        host = next((found for name in known.host if isinstance(found := fields.get(name), str) and found), "")
        return Row(log_source(known.product, known.service_of(record)), time(fields), host, fields, raw)

    return row


def _events(known: RecordFormat, row: _Shape, record: Record) -> Iterator[Row | Skipped]:
    items = found_at(record.value, known.items) if known.items else None
    if not isinstance(items, list) or not items:
        yield row(record.value, record.raw)
        return
    rest = {name: value for name, value in record.value.items() if name != known.items}
    for item in cast("list[Json]", items)[:_MAX_LISTED]:
        event = _again(rest | item) if isinstance(item, dict) else None
        yield _UNKNOWN if event is None else row(event.value, event.raw)


def _every(value: object, path: list[str]) -> Iterator[Mapping[str, object]]:
    """Yield every object at a path that may lead through lists."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _every(item, path)
    elif isinstance(value, dict):
        found = cast("dict[str, object]", value)
        if path:
            yield from _every(found.get(path[0]), path[1:])
        else:
            yield found


def _paired(found: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, Value]]:
    """Yield the values of names and values, each by its name."""
    for pair in found:
        name = next((pair[key] for key in _NAMES if isinstance(pair.get(key), str)), None)
        value = next((pair[key] for key in _VALUES if pair.get(key) is not None), None)
        if isinstance(name, str) and value is not None:
            yield name, [text_of(one) for one in cast("list[object]", value)] if isinstance(value, list) else text_of(value)


json_records = Reader("json_records", sniff, rows)
