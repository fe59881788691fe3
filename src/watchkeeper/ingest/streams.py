"""Byte streams that fail in one way and count what they give. Owns decompression of one stream; archives with members are `sources`'."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, Any, Protocol

import zstandard

from watchkeeper.ingest.bounds import Budget

BUFFER_BYTES = 262_144
_ZSTD_FEED_BYTES = 2_048
_ZSTD_MAX_WINDOW = 2**27
_FAILURES = (EOFError, OSError, zlib.error, zipfile.BadZipFile, tarfile.TarError, zstandard.ZstdError, NotImplementedError, RuntimeError)


class DamagedError(ValueError):
    """The bytes end early or cannot be decompressed; what came before was good."""


class Readable(Protocol):
    """What a stream is made of: a function that gives some bytes, none at the end."""

    def read(self, size: int, /) -> bytes:
        """Give at most that many bytes, none at the end."""
        ...


class _Guarded(io.RawIOBase):
    """Reads on until the request is met, gives what is good before a failure, and reports every failure as `DamagedError`."""

    def __init__(self, inner: Readable, count: Callable[[int], None]) -> None:
        super().__init__()
        self._read: Callable[[int], bytes] = getattr(inner, "read1", inner.read)
        self._count = count
        self._failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        filled = 0
        while filled < len(buffer) and self._failure is None:
            try:
                piece = self._read(len(buffer) - filled)
            except _FAILURES as failure:
                self._failure = failure
                break
            if not piece:
                break
            buffer[filled : filled + len(piece)] = piece
            filled += len(piece)
        if filled == 0 and self._failure is not None:
            raise DamagedError(_words(self._failure)) from self._failure
        self._count(filled)
        return filled


def guarded(inner: Readable, count: Callable[[int], None]) -> io.BufferedReader:
    """Buffer a stream; `count` is told how many bytes came out and may raise to stop it."""
    return io.BufferedReader(_Guarded(inner, count), BUFFER_BYTES)


def gunzip(stream: IO[bytes], budget: Budget) -> io.BufferedReader:
    """Decompress gzip, all members one after another."""
    return guarded(gzip.GzipFile(fileobj=stream), budget.expand)


def unzstd(stream: IO[bytes], budget: Budget) -> io.BufferedReader:
    """Decompress Zstandard, all frames one after another."""
    return guarded(_Zstd(stream), budget.expand)


class _Zstd:
    """Frames of Zstandard; unlike the library's reader, an unfinished frame at the end is a failure."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._library = zstandard.ZstdDecompressor(max_window_size=_ZSTD_MAX_WINDOW)
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._fed: bytes = b""
        self._ready = io.BytesIO()

    def read(self, size: int, /) -> bytes:
        while not (given := self._ready.read(size)):
            self._fed = self._fed or self._stream.read(_ZSTD_FEED_BYTES)
            if not self._fed:
                if self._frame is not None:
                    raise EOFError("the last frame is not finished")
                return b""
            self._advance()
        return given

    def _advance(self) -> None:
        frame = self._frame or self._library.decompressobj()
        self._ready = io.BytesIO(frame.decompress(self._fed))
        self._fed = frame.unused_data if frame.eof else b""
        self._frame = None if frame.eof else frame


def _words(failure: Exception) -> str:
    if isinstance(failure, EOFError):
        return f"the file ends too early ({failure})"
    return f"damaged: {failure}" if str(failure) else f"damaged ({type(failure).__name__})"
