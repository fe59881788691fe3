"""Received records as journal entries. Owns how they are written and read back."""

import msgspec
import zstandard

from watchkeeper.model.received import Listener, Received
from watchkeeper.model.sender import Sender

_LEVEL = 1
MOST_BODY_BYTES = 1 << 30
"""What a body may be after decompression."""


class _Head(msgspec.Struct, frozen=True, array_like=True):
    """What stands beside the records."""

    sender: str
    """JSON of the noun."""
    listener: Listener
    peer: str
    time: int
    records: int
    size: int
    ids: tuple[str, ...]


_heads = msgspec.msgpack.Decoder(_Head)


def written(received: Received) -> tuple[bytes, bytes]:
    """Give head and body of the entry; takes no lock while it compresses."""
    head = _Head(
        received.sender.model_dump_json(),
        received.listener,
        received.peer,
        received.time,
        received.records,
        len(received.body),
        received.ids,
    )
    return msgspec.msgpack.encode(head), zstandard.ZstdCompressor(level=_LEVEL).compress(received.body)


def read(head: bytes, body: bytes) -> Received:
    """Give what was received.

    Raises:
        ValueError: it was not written by `written`.
    """
    try:
        about = _heads.decode(head)
        records = zstandard.ZstdDecompressor().decompress(body, max_output_size=MOST_BODY_BYTES)
        sender = Sender.model_validate_json(about.sender)
    except (msgspec.MsgspecError, zstandard.ZstdError) as e:
        raise ValueError(f"a journal entry cannot be read: {e}") from e
    return Received(sender, about.listener, about.peer, about.time, records, about.records, about.ids)


def ids_of(head: bytes) -> tuple[str, tuple[str, ...]]:
    """Give the id of the sender and its own ids of the records, without the records.

    Raises:
        ValueError: it was not written by `written`.
    """
    about = _heads.decode(head)
    return Sender.model_validate_json(about.sender).id, about.ids
