"""Windows event log files (EVTX). Owns the walk over chunks and the account of their records; an event's fields are `windows_event`'s.

Chunks are parsed one by one, so that a damaged one costs itself alone and a file needs the memory of a chunk.
Source: libyal libevtx, "Windows XML Event Log (EVTX) format".
"""

import io
import struct
from collections.abc import Iterator
from datetime import datetime
from typing import IO, cast

import msgspec
from evtx import PyEvtxParser

from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.windows_event import Json, flat, logsource

_MAGIC, _CHUNK_MAGIC, _RECORD_MAGIC = b"ElfFile\0", b"ElfChnk\0", b"\x2a\x2a\0\0"
_HEADER_BYTES, _CHUNK_BYTES = 4_096, 65_536
_decoder = msgspec.json.Decoder(float_hook=str)


def sniff(head: bytes) -> bool:
    """Say whether the file opens as EVTX does."""
    return head.startswith(_MAGIC)


def rows(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    """Yield one row a record; for a record that a damaged chunk has lost, a `Skipped` says why."""
    header = stream.read(_HEADER_BYTES)
    while chunk := stream.read(_CHUNK_BYTES):
        if chunk.startswith(_CHUNK_MAGIC):
            yield from _chunk(header, chunk)
        elif any(chunk):
            yield from [Skipped("in a chunk without its signature")] * max(1, chunk.count(_RECORD_MAGIC))


def _chunk(header: bytes, chunk: bytes) -> Iterator[Row | Skipped]:
    read = 0
    records = PyEvtxParser(io.BytesIO(header + chunk), 1).records_json()
    reason = "not readable in its chunk"
    while True:
        try:
            record = next(records)
        except StopIteration:
            break
        except RuntimeError as failure:
            reason = str(failure)
            continue
        read += 1
        yield _row(record["data"])
    for _ in range(_expected(chunk) - read):
        yield Skipped(reason)


def _expected(chunk: bytes) -> int:
    first, last = struct.unpack_from("<QQ", chunk, 8)
    return chunk.count(_RECORD_MAGIC) if first > last else last - first + 1


def _row(raw: str) -> Row | Skipped:
    event = cast("dict[str, dict[str, Json]]", _decoder.decode(raw))["Event"]
    fields = flat(event)
    written = fields.get("TimeCreated_SystemTime")
    time = datetime.fromisoformat(written) if isinstance(written, str) else None
    return Row(
        logsource(str(fields.get("Channel", "")), str(fields.get("EventID", ""))), time, str(fields.get("Computer", "")), fields, raw
    )


evtx = Reader("evtx", sniff, rows)
