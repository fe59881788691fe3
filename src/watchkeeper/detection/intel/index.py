"""An index of texts by keyed hashes: sorted arrays that can be mapped from disk. Owns hashing; whoever asks compares the texts.

keys   h0 h1 h2 …   64-bit hash of each text, ascending; keyed with a secret of this index, so that nobody can prepare texts that meet
rows   17  3  5 …   what stands at each key
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Index:
    """Texts and what stands at them."""

    keys: NDArray[np.uint64]
    rows: NDArray[np.int32]
    secret: bytes

    def find(self, texts: Sequence[str]) -> Iterator[tuple[int, list[int]]]:
        """Yield the place of each text that may be there, and the rows to compare it with."""
        if not texts or not len(self.keys):
            return
        hashes = np.frombuffer(b"".join(_hash(text, self.secret) for text in texts), np.uint64)
        places = np.searchsorted(self.keys, hashes)
        inside = np.flatnonzero(places < len(self.keys))
        for at in cast("list[int]", inside[self.keys[places[inside]] == hashes[inside]].tolist()):
            end = int(cast("Any", np.searchsorted(self.keys, hashes[at], "right")))
            yield at, cast("list[int]", self.rows[int(places[at]) : end].tolist())

    def arrays(self) -> Arrays:
        """Give what is written to disk."""
        return {"keys": self.keys, "rows": self.rows, "secret": np.frombuffer(self.secret, np.uint8)}


def make_index(texts: Sequence[str], rows: Sequence[int]) -> Index:
    """Make the index of texts, each with its row."""
    secret = secrets.token_bytes(16)
    hashes: NDArray[np.uint64] = np.frombuffer(b"".join(_hash(text, secret) for text in texts), np.uint64)
    order = np.argsort(hashes, kind="stable")
    return Index(np.take(hashes, order), np.take(np.array(rows, np.int32), order), secret)


def index_of(arrays: Arrays) -> Index:
    """Give the index that was written as arrays."""
    return Index(arrays["keys"], arrays["rows"], arrays["secret"].tobytes())


def write_arrays(arrays: Arrays, folder: Path, name: str) -> None:
    """Write each array as a file of its own."""
    for part, array in arrays.items():
        np.save(folder / f"{name}-{part}.npy", array, allow_pickle=False)


def map_arrays(folder: Path, name: str, parts: Sequence[str]) -> Arrays:
    """Map arrays from their files.

    Raises:
        OSError: one is not there.
        ValueError: one is damaged.
    """
    try:
        return {part: np.load(folder / f"{name}-{part}.npy", mmap_mode="r", allow_pickle=False) for part in parts}
    except EOFError as error:
        raise ValueError(f"{name} ends early") from error


def _hash(text: str, secret: bytes) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=8, key=secret).digest()
