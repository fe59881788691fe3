"""Ids of events and signals: 32 hex digits of BLAKE2b. Owns the hash and its form; what goes into it is decided where an id is given."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

_ID_BYTES = 16


def begun(start: bytes) -> blake2b:
    """Begin the hash of ids that begin alike."""
    return blake2b(start, digest_size=_ID_BYTES)


def ids(starts: Iterable[blake2b], ends: Iterable[bytes]) -> Any:
    """Give an Arrow array of text: the ids that follow from what began and how each of them ends."""
    hashes = [start.copy() for start in starts]
    for one, end in zip(hashes, ends, strict=True):
        one.update(end)
    digits = b"".join([one.digest() for one in hashes]).hex().encode()
    offsets: Any = np.arange(0, len(digits) + 1, 2 * _ID_BYTES, dtype=np.int32)
    return pa.StringArray.from_buffers(len(hashes), pa.py_buffer(offsets), pa.py_buffer(digits))
