"""Windows event log files (EVTX). Owns the walk over chunks and the account of their records; an event's fields are `windows_event`'s.

Chunks are parsed one by one, so that a damaged one costs itself alone and a file needs the memory of a chunk.
Source: libyal libevtx, "Windows XML Event Log (EVTX) format".
"""

import io
import re
import struct
from collections.abc import Iterator
from typing import IO, cast

from evtx import PyEvtxParser

from watchkeeper.ingest.evtx_record import straight
from watchkeeper.ingest.jsonstream import decode_text
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.streams import DamagedError
from watchkeeper.ingest.windows_event import logsource, one
from watchkeeper.ingest.windows_shapes import shaped

_MAGIC, _CHUNK_MAGIC, _RECORD_MAGIC = b"ElfFile\0", b"ElfChnk\0", b"\x2a\x2a\0\0"
_HEADER_BYTES, _CHUNK_BYTES, _CHUNK_HEADER_BYTES = 4_096, 65_536, 512
_HEADER = struct.pack("<8sQQQIHHHH", _MAGIC, 0, 0, 1, 128, 1, 3, _HEADER_BYTES, 1).ljust(_HEADER_BYTES, b"\0")
"""What a file of one chunk begins with; a chunk is read behind it, so that a damaged header of the file costs nothing."""
_MIN_RECORD_BYTES = 28
_FREE_AT = 48
_MAX_RECORDS = 2_000
_VARYING = re.compile(r"\[[^\]]*\]|`[^`]*`|\b0x[0-9a-f]+\b|\d+")
_MISSING = "missing from its chunk, whose header counts it"
_NO_CHUNK = Skipped("in a chunk without its signature")


def sniff(head: bytes) -> bool:
    """Say whether the file opens as EVTX does."""
    return head.startswith(_MAGIC)


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a record, and a `Skipped` with its reason for each that a chunk's header counts and nobody can read."""
    _, failure = _take(stream, _HEADER_BYTES)
    while failure is None:
        chunk, failure = _take(stream, _CHUNK_BYTES)
        if chunk.startswith(_CHUNK_MAGIC):
            yield from _chunk(chunk.ljust(_CHUNK_BYTES, b"\0"))
        elif chunk.count(0) < len(chunk):
            yield from [_NO_CHUNK] * max(1, chunk.count(_RECORD_MAGIC))
        if not chunk and failure is None:
            return
    raise failure


def _take(stream: IO[bytes], size: int) -> tuple[bytes, DamagedError | None]:
    """Read that many bytes, fewer at the end; if the stream breaks off, what came before and why."""
    taken = b""
    try:
        while len(taken) < size and (piece := getattr(stream, "read1", stream.read)(size - len(taken))):
            taken += piece
    except DamagedError as failure:
        return taken, failure
    return taken, None


def _chunk(chunk: bytes) -> Iterator[Row | Skipped]:
    found, reason = _parsed(chunk)
    first, last = struct.unpack_from("<QQ", chunk, 8)
    expected = last - first + 1
    if not 0 <= expected <= _MAX_RECORDS:
        expected = chunk.count(_RECORD_MAGIC)
    if len(found) < expected:
        found, reason = max((found, reason), _parsed(_mended(chunk)), key=_count)
    yield from map(_row, found)
    yield from [Skipped(reason or _MISSING)] * (expected - len(found))


def _count(parsed: tuple[list[str], str]) -> int:
    return len(parsed[0])


def _parsed(chunk: bytes) -> tuple[list[str], str]:
    """Give the records of one chunk as JSON text, and why the first unreadable one is unreadable; empty if none is."""
    found: list[str] = []
    reason = ""
    records = PyEvtxParser(io.BytesIO(_HEADER + chunk), 1).records_json()
    while len(found) < _MAX_RECORDS:
        try:
            found.append(cast("dict[str, str]", next(records))["data"])
        except StopIteration:
            break
        except RuntimeError as failure:
            reason = reason or "unreadable: " + _VARYING.sub("…", str(failure).rpartition(": ")[2])
    return found, reason


def _mended(chunk: bytes) -> bytes:
    """Give the chunk with each broken record stretched to the next whole one, so that reading goes on there."""
    mended = bytearray(chunk)
    (free,) = struct.unpack_from("<I", chunk, _FREE_AT)
    end = free if _CHUNK_HEADER_BYTES < free <= len(chunk) else len(chunk)
    at = _CHUNK_HEADER_BYTES
    while at < end:
        size = _record_bytes(chunk, at)
        if size is None:
            following = chunk.find(_RECORD_MAGIC, at + 4, end)
            while following >= 0 and _record_bytes(chunk, following) is None:
                following = chunk.find(_RECORD_MAGIC, following + 4, end)
            if following < 0:
                break
            size = following - at
            mended[at : at + 8] = _RECORD_MAGIC + struct.pack("<I", size)
        at += size
    return bytes(mended)


def _record_bytes(chunk: bytes, at: int) -> int | None:
    """Give the size of the record that begins there; none if no whole one does: a record states its size at both ends."""
    if at + _MIN_RECORD_BYTES > len(chunk) or not chunk.startswith(_RECORD_MAGIC, at):
        return None
    size = int.from_bytes(chunk[at + 4 : at + 8], "little")
    whole = size >= _MIN_RECORD_BYTES and at + size <= len(chunk) and chunk[at + size - 4 : at + size] == chunk[at + 4 : at + 8]
    return size if whole else None


def _row(raw: str) -> Row | Skipped:
    known = straight(raw)
    if known is not None:
        return Row(logsource(known.channel, known.event_id), known.time, known.computer, known.fields, raw)
    record = decode_text(raw)
    if isinstance(record, Skipped):
        return record
    found = shaped(record.value)
    if isinstance(found, Skipped):
        return found
    fields = found.fields
    return Row(logsource(one(fields, "Channel"), one(fields, "EventID")), found.time, one(fields, "Computer"), fields, record.raw)


evtx = Reader("evtx", sniff, rows)
