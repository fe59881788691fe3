"""Signals on their way from the workers to the keeper. Owns how a journal entry holds them; taking them in is the keeper's."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import zstandard

from watchkeeper.journal import Frames
from watchkeeper.model.signal import SIGNAL_SCHEMA


class Handed(msgspec.Struct, frozen=True):
    """What a worker hands on with one commit of a partition."""

    partition: str
    """Name of the partition of received records."""
    upto: int
    """Number of the last entry of that partition that this speaks of."""
    events: dict[str, int]
    """Events by tenant."""
    heard: dict[str, tuple[str, int]]
    """By the id of each sender that was heard: its tenant, and when it was last heard, µs since 1970."""


def packed(handed: Handed, signals: Mapping[str, pa.Table]) -> tuple[bytes, bytes]:
    """Give head and body of the entry; signals by tenant, in `SIGNAL_SCHEMA`."""
    tables = {tenant: _stream(table) for tenant, table in signals.items()}
    return msgspec.msgpack.encode(handed), zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(tables))


def unpacked(head: bytes, body: bytes) -> tuple[Handed, dict[str, pa.Table]]:
    """Give what was handed on.

    Raises:
        ValueError: it was not written by `packed`.
    """
    try:
        tables = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(body), type=dict[str, bytes])
        return msgspec.msgpack.decode(head, type=Handed), {tenant: pa.ipc.open_stream(one).read_all() for tenant, one in tables.items()}
    except (msgspec.MsgspecError, zstandard.ZstdError, pa.ArrowException) as e:
        raise ValueError(f"signals in the journal cannot be read: {e}") from e


def last_handed(folder: Path, key: bytes) -> int:
    """Give the number up to which signals of a partition were handed on; -1 if none were."""
    frames = Frames(folder, key)
    upto = max((msgspec.msgpack.decode(head, type=Handed).upto for _, head in frames.heads()), default=-1)
    frames.close()
    return upto


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SIGNAL_SCHEMA) as writer:
        writer.write_table(table.cast(SIGNAL_SCHEMA))
    return sink.getvalue().to_pybytes()
