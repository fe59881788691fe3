import gzip
import io
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.listeners.unpack import MAX_PARTS, RATIO_FREE_BYTES, DamagedError, TooLargeError, unpack

MOST = 16 * 1024 * 1024
PACKED = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
}


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def _streamed(body: bytes) -> bytes:
    out = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(out, closefd=False) as writer:
        writer.write(body)
    return out.getvalue()


@given(st.binary(max_size=2_000), st.sampled_from(sorted(PACKED)))
def test_what_is_packed_comes_out(body: bytes, encoding: str) -> None:
    assert unpack(PACKED[encoding](body), encoding, MOST) == body


def test_other_ways_of_packing() -> None:
    assert unpack(_raw_deflate(b"abc" * 99), "deflate", MOST) == b"abc" * 99
    assert unpack(_streamed(b"abc" * 99), "zstd", MOST) == b"abc" * 99
    assert unpack(gzip.compress(b"a") + gzip.compress(b"b"), " GZIP", MOST) == b"ab"
    assert unpack(PACKED["zstd"](b"a") + PACKED["zstd"](b"b"), "zstd", MOST) == b"ab"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_bombs_do_not_go_off(encoding: str) -> None:
    bomb = PACKED[encoding](bytes(MOST * 4))
    with pytest.raises(TooLargeError, match="inflates to more"):
        unpack(bomb, encoding, MOST)
    small = PACKED[encoding](bytes(RATIO_FREE_BYTES + 1))
    with pytest.raises(TooLargeError):
        unpack(small, encoding, MOST)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_what_is_cut_off_or_damaged_is_said(encoding: str) -> None:
    packed = PACKED[encoding](bytes(range(256)) * 9)
    for body in (packed[:-5], b"nonsense", packed[:1]):
        with pytest.raises(DamagedError):
            unpack(body, encoding, MOST)


def test_parts_without_end_are_refused() -> None:
    with pytest.raises(TooLargeError, match="parts"):
        unpack(gzip.compress(b"") * (MAX_PARTS + 1), "gzip", MOST)
    with pytest.raises(DamagedError, match="not known"):
        unpack(b"", "br", MOST)
