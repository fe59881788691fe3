"""Records of clouds and services in JSON, each by the format that knows it, also mixed in one file and within what collectors add.

Owns asking who knows a record; how a product writes its records stands in `content/records`, what may be around them in `envelopes`.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import IO

import msgspec

from watchkeeper.ingest.azure import azure_row
from watchkeeper.ingest.capitals import recased
from watchkeeper.ingest.clock import Timed, at_once
from watchkeeper.ingest.cloudtrail import cloudtrail_row
from watchkeeper.ingest.envelopes import LISTS, listed, unwrapped
from watchkeeper.ingest.flatten import TOO_MANY_FIELDS
from watchkeeper.ingest.jsonstream import Json, Record, records
from watchkeeper.ingest.known_records import Rows, known_record
from watchkeeper.ingest.m365 import m365_row
from watchkeeper.ingest.modsecurity_json import modsecurity_row
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.record_rows import MAX_EVENTS, UNKNOWN
from watchkeeper.ingest.suricata import suricata_row
from watchkeeper.ingest.windows_json import row as windows_row

LISTED_IN = ("Records", "records", "items", "value")
"""Members with which a document opens that lists records."""
_WRAPPED = "wrapped"
_SNIFFED = 8
_OPENING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*[\[{]")
_LIST = re.compile(rb'"(?:%s)"\s*:\s*\[' % "|".join(LISTS).encode())
_OTHERS: Mapping[str, Callable[[Record], Row | Timed | Skipped]] = {
    "cloudtrail": cloudtrail_row,
    "suricata": suricata_row,
    "m365": m365_row,
    "azure": azure_row,
    "modsecurity": modsecurity_row,
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
    for record in records(stream, within=LISTED_IN):
        if isinstance(record, Skipped):
            yield record
        else:
            yield from rows_of(record)


def _first(head: bytes, count: int) -> list[Record]:
    found = records(io.BytesIO(head), within=LISTED_IN)
    return list(islice((one for one in found if isinstance(one, Record)), count))


def _whose(record: Record) -> str | None:
    """Name the format or reader that knows a record, or `wrapped` if somebody knows what is in it; none if nobody does."""
    known = _opened(record)
    if known is not None:
        return known[0]
    return next((_WRAPPED for value in _inside(record)[:1] if _opened(_again(value)) is not None), None)


def rows_of(record: Record) -> Iterator[Row | Skipped]:
    """Yield the rows of one record."""
    known = _opened(record)
    inside = [] if known is not None else _inside(record)
    if known is not None:
        yield from known[1]
    elif not inside or len(inside) > MAX_EVENTS:
        yield UNKNOWN
    for value in inside[:MAX_EVENTS]:
        one = _opened(_again(value))
        yield from (UNKNOWN,) if one is None else one[1]


def _inside(record: Record) -> list[dict[str, Json]]:
    """Give the records that a document lists, or what it is wrapped around does."""
    found = filter(None, map(listed, (record.value, *unwrapped(record.value))))
    return next(found, list[dict[str, Json]]())


def _opened(record: Record) -> tuple[str, Rows] | None:
    """Give who knows a record and its rows, as it stands, without its envelope, or with the capitals it lost; none if nobody does."""
    known = known_record(record)
    if known is not None:
        return known
    inner = [_again(value) for value in unwrapped(record.value)]
    within = next((found[1] for one in inner if (found := known_record(one)) is not None), None)
    if within is not None:
        return _WRAPPED, within
    other = _by_reader(record)
    if other is not None:
        return other
    wrapped = next((found[1] for one in inner if (found := _by_reader(one)) is not None), None)
    if wrapped is not None:
        return _WRAPPED, wrapped
    written = map(_again, recased(record.value))
    return next(((_WRAPPED, found[1]) for one in written if (found := known_record(one) or _by_reader(one)) is not None), None)


def _by_reader(record: Record) -> tuple[str, Rows] | None:
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


json_records = Reader("json_records", sniff, rows)
