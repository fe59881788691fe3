"""Signals on their way from the workers to the keeper. Owns how a journal entry holds them; taking them in is the keeper's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
import zstandard

from watchkeeper.detection.detector import Handed
from watchkeeper.journal import Frames
from watchkeeper.model.signal import SIGNAL_SCHEMA


class Part(msgspec.Struct, frozen=True):
    """What a worker says of one commit of a partition."""

    partition: str
    """Name of the partition of received records."""
    upto: int
    """Number of the last entry of that partition that this speaks of."""
    events: dict[str, int]
    """Events by tenant."""
    heard: dict[str, tuple[str, int]]
    """By the id of each sender that was heard: its tenant, and when it was last heard, µs since 1970."""


class _Found(msgspec.Struct, frozen=True):
    signals: bytes
    counted: tuple[Handed, ...]


class Found(NamedTuple):
    """What was found in the events of one tenant."""

    signals: pa.Table
    """Rows as in `SIGNAL_SCHEMA`."""
    counted: Sequence[Handed] = ()
    """What correlation rules count."""


NOTHING = Found(SIGNAL_SCHEMA.empty_table())


def packed(part: Part, found: Mapping[str, Found]) -> tuple[bytes, bytes]:
    """Give head and body of the entry; what was found is by tenant."""
    tables = {tenant: _Found(_stream(one.signals), tuple(one.counted)) for tenant, one in found.items()}
    return msgspec.msgpack.encode(part), zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(tables))


def unpacked(head: bytes, body: bytes) -> tuple[Part, dict[str, Found]]:
    """Give what was handed on.

    Raises:
        ValueError: it was not written by `packed`.
    """
    try:
        found = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(body), type=dict[str, _Found])
        tables = {tenant: Found(pa.ipc.open_stream(one.signals).read_all(), one.counted) for tenant, one in found.items()}
        return msgspec.msgpack.decode(head, type=Part), tables
    except (msgspec.MsgspecError, zstandard.ZstdError, pa.ArrowException) as e:
        raise ValueError(f"signals in the journal cannot be read: {e}") from e


def last_handed(folder: Path, key: bytes) -> int:
    """Give the number up to which signals of a partition were handed on; -1 if none were."""
    frames = Frames(folder, key)
    upto = max((_upto(head) for _, head in frames.heads()), default=-1)
    frames.close()
    return upto


def _upto(head: bytes) -> int:
    try:
        return msgspec.msgpack.decode(head, type=Part).upto
    except msgspec.MsgspecError:  # it is damaged, and says nothing
        return -1


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SIGNAL_SCHEMA) as writer:
        writer.write_table(table.cast(SIGNAL_SCHEMA))
    return sink.getvalue().to_pybytes()
