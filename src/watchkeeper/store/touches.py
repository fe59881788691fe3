"""Which actions may act on the same things: eight bytes for each target, so that bulk ones need not be read to find that out.

Owns these bytes. Two different things may have the same: then a record is read that has nothing to say, and nothing is missed.
"""

import struct
from collections.abc import Iterable
from hashlib import blake2b

from watchkeeper.model.entity import Entity
from watchkeeper.model.spelling import plain

_SIZE = 8


def touches(targets: Iterable[Entity]) -> bytes:
    """Give the bytes of things, however they are written."""
    return b"".join(_of(plain(target)) for target in targets)


def may_meet(some: bytes, others: bytes) -> bool:
    """Say whether two have any thing in common, by their bytes."""
    fewer, more = sorted((some, others), key=len)
    return not frozenset(_each(fewer)).isdisjoint(_each(more))


def _of(entity: Entity) -> bytes:
    return blake2b(f"{entity.kind}\0{entity.value}".encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()


def _each(found: bytes) -> Iterable[tuple[int]]:
    return struct.iter_unpack("<Q", found)
