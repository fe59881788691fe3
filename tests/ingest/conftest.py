"""What tests of reading share: the events that came out, in an order that does not depend on batches, and a small writer of EVTX.

Source of the binary layout: libyal libevtx, "Windows XML Event Log (EVTX) format".
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.model.batch import Batch
from watchkeeper.model.sourceread import SourceRead

TODAY = datetime(2026, 11, 26, 12, tzinfo=UTC)
Events = list[dict[str, Any]]


def _events(items: Iterable[Batch | SourceRead]) -> Events:
    found: Events = []
    for item in items:
        if isinstance(item, Batch):
            reserved = item.table.select(["_id", "_time", "_host", "_source", "_row", "_raw"]).to_pylist()
            for meta, fields in zip(reserved, item.rows(), strict=True):
                source = item.logsource
                found.append({**meta, "logsource": [source.product, source.service, source.event_type], "fields": dict(fields)})
    return sorted(found, key=lambda one: (one["_source"], one["_row"], one["_id"]))


@pytest.fixture(scope="session")
def events() -> Any:
    """The function from what `read` yields to its events, sorted by source and row."""
    return _events


@pytest.fixture(scope="session")
def split() -> Any:
    """The function from what a reader yields to its rows and the reasons of what it skipped."""

    def function(items: Iterable[Row | Skipped]) -> tuple[list[Row], list[str]]:
        found = list(items)
        return [one for one in found if isinstance(one, Row)], [one.reason for one in found if isinstance(one, Skipped)]

    return function


@pytest.fixture(scope="session")
def promises() -> Any:
    """What every reader promises, as the fuzzers check it: `check(reader, content)` and `LINES`."""
    spec = spec_from_file_location("promises", Path(__file__).parent / "fuzz" / "promises.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True, scope="session")
def today() -> Iterator[datetime]:
    """The day on which every test reads, so that times without a year are the same every year."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("watchkeeper.ingest.text"), "today", lambda: TODAY)
        yield TODAY


CHUNK_BYTES = 65_536
HEADER_BYTES = 4_096
_RECORDS_AT = 512
_FILETIME_OF_2024 = 133_485_408_000_000_000


def _evtx_file(*chunks: bytes) -> bytes:
    """Put chunks behind a file header."""
    header = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, max(0, len(chunks) - 1), 1, 128, 1, 3, HEADER_BYTES, len(chunks))
    return header.ljust(HEADER_BYTES, b"\0") + b"".join(chunks)


def _evtx_chunk(events: Sequence[Mapping[str, str]], first: int = 1) -> bytes:
    """Write one record for each event: `EventID`, `Channel`, `Computer` go to System, all other fields to EventData."""
    chunk = bytearray(_RECORDS_AT)
    last_at = _RECORDS_AT
    for number, event in enumerate(events, first):
        last_at = len(chunk)
        chunk += _record(number, event, last_at)
    last = first + len(events) - 1
    struct.pack_into("<8sQQQQIII", chunk, 0, b"ElfChnk\0", first, last, first, last, 128, last_at, len(chunk))
    return bytes(chunk).ljust(CHUNK_BYTES, b"\0")


def _record_offsets(chunk: bytes) -> list[int]:
    """Find where the records of a whole chunk begin."""
    found, at = [], _RECORDS_AT
    while chunk.startswith(b"\x2a\x2a\0\0", at):
        found.append(at)
        at += int.from_bytes(chunk[at + 4 : at + 8], "little")
    return found


def _record(number: int, event: Mapping[str, str], at: int) -> bytes:
    system = [name for name in ("EventID", "Channel", "Computer") if name in event]
    writer = _Writer(at + 24)
    writer.raw(b"\x0f\x01\x01\x00")
    writer.open("Event")
    writer.open("System")
    writer.open("TimeCreated", {"SystemTime": "2024-01-01T00:00:00.000001Z"}, empty=True)
    for name in system:
        writer.leaf(name, event[name])
    writer.raw(b"\x04")
    writer.open("EventData")
    for name, value in event.items():
        if name not in system:
            writer.leaf("Data", value, {"Name": name})
    writer.raw(b"\x04\x04\x00")
    size = 24 + len(writer.out) + 4
    return struct.pack("<4sIQQ", b"\x2a\x2a\0\0", size, number, _FILETIME_OF_2024 + number) + bytes(writer.out) + struct.pack("<I", size)


class _Writer:
    """Binary XML without templates; every name stands where it is used."""

    def __init__(self, at: int) -> None:
        self.out = bytearray()
        self._at = at

    def raw(self, content: bytes) -> None:
        self.out += content

    def open(self, name: str, attributes: Mapping[str, str] | None = None, *, empty: bool = False) -> None:
        written = attributes or {}
        self.raw(struct.pack("<BI", 0x41 if written else 0x01, 0))
        self._name(name)
        if written:
            self.raw(struct.pack("<I", 0))
        for attribute, value in written.items():
            self.raw(b"\x06")
            self._name(attribute)
            self._text(value)
        self.raw(b"\x03" if empty else b"\x02")

    def leaf(self, name: str, value: str, attributes: Mapping[str, str] | None = None) -> None:
        self.open(name, attributes)
        self._text(value)
        self.raw(b"\x04")

    def _name(self, name: str) -> None:
        self.raw(struct.pack("<I", self._at + len(self.out) + 4))
        self.raw(struct.pack("<IHH", 0, 0, len(name)) + name.encode("utf-16-le") + b"\0\0")

    def _text(self, value: str) -> None:
        self.raw(b"\x05\x01" + struct.pack("<H", len(value)) + value.encode("utf-16-le"))


@pytest.fixture(scope="session")
def evtx() -> SimpleNamespace:
    """A writer of EVTX files: `file(*chunks)`, `chunk(events, first)`, `offsets(chunk)`, `chunk_bytes`, `header_bytes`."""
    return SimpleNamespace(file=_evtx_file, chunk=_evtx_chunk, offsets=_record_offsets, chunk_bytes=CHUNK_BYTES, header_bytes=HEADER_BYTES)
