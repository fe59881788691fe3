"""Compressed bodies, inflated within bounds. Owns the encodings of HTTP and their limits; archives of files are read elsewhere."""

import zlib

import zstandard

MAX_RATIO = 200
"""How many times its size a body may inflate to, once it is past `RATIO_FREE_BYTES`; logs reach 50."""
RATIO_FREE_BYTES = 1024 * 1024
MAX_PARTS = 64
"""Members of one gzip body, or frames of one of zstd."""
_MAX_WINDOW_BYTES = 8 * 1024 * 1024
"""RFC 8878 asks decoders for no more."""
_STEP_BYTES = 1024 * 1024


class DamagedError(ValueError):
    """The body is not what its encoding says."""


class TooLargeError(ValueError):
    """The body inflates to more than is taken in."""


def unpack(body: bytes, encoding: str, most_bytes: int) -> bytes:
    """Give a body without its content encoding: gzip, deflate, zstd, or none.

    Raises:
        DamagedError: the encoding is not known, or the body is not in it.
        TooLargeError: it inflates to more than `most_bytes`, or to too many times its size.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _inflated(body, 31, _limit(body, most_bytes))
        case "deflate":
            wrapped = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
            return _inflated(body, 15 if wrapped else -15, _limit(body, most_bytes))
        case "zstd":
            return _of_zstd(body, _limit(body, most_bytes))
        case _:
            raise DamagedError(f"content encoding {encoding[:40]!r} is not known here; use gzip, deflate or zstd")


def _limit(body: bytes, most_bytes: int) -> int:
    return min(most_bytes, max(RATIO_FREE_BYTES, MAX_RATIO * len(body)))


def _inflated(body: bytes, window: int, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while body:
        stream = zlib.decompressobj(window)
        try:
            part = stream.decompress(body, limit - size + 1)
        except zlib.error as error:
            raise DamagedError(f"the body is not what its content encoding says: {error}") from error
        size = _grown(parts, part, size, limit)
        if not stream.eof:
            raise DamagedError("the compressed body ends too early")
        body = stream.unused_data
    return b"".join(parts)


def _of_zstd(body: bytes, limit: int) -> bytes:
    _check_size(body, limit)
    parts: list[bytes] = []
    size = 0
    while body:
        stream = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj()
        try:
            part = stream.decompress(body)
        except zstandard.ZstdError as error:
            raise DamagedError(f"the body is not what its content encoding says: {error}") from error
        size = _grown(parts, part, size, limit)
        if not stream.eof:
            raise DamagedError("the compressed body ends too early")
        body = stream.unused_data
    return b"".join(parts)


def _check_size(body: bytes, limit: int) -> None:
    """Inflate piece by piece and keep nothing: what comes out in one go has no bound, and a reader doesn't say that a body was cut off."""
    reader = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).stream_reader(body, read_across_frames=True)
    size = 0
    try:
        while piece := reader.read(_STEP_BYTES):
            size += len(piece)
            if size > limit:
                raise TooLargeError(f"the body inflates to more than {limit:,} bytes; send smaller ones")
    except zstandard.ZstdError as error:
        raise DamagedError(f"the body is not what its content encoding says: {error}") from error


def _grown(parts: list[bytes], part: bytes, size: int, limit: int) -> int:
    parts.append(part)
    if size + len(part) > limit:
        raise TooLargeError(f"the body inflates to more than {limit:,} bytes; send smaller ones")
    if len(parts) > MAX_PARTS:
        raise TooLargeError(f"the body has more than {MAX_PARTS} compressed parts; send them one by one")
    return size + len(part)
