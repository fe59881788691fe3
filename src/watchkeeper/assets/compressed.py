"""Files that may be packed with gzip or zstd: their bytes or lines, within bounds. Owns recognising the packing, not the content."""

import gzip
import io
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import zstandard

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)
_MOST_WINDOW = 128 << 20


def read_whole(path: Path, most_bytes: int) -> bytes:
    """Give what a file holds.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged, or holds more than the bound.
    """
    with _unpacked(path) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"it holds more than {most_bytes >> 20} MiB")
    return content


def read_lines(path: Path, most_bytes: int, longest_line: int) -> Iterator[bytes]:
    """Give a file's lines one after the other; one that is too long comes cut, so that whoever reads it sees that it is broken.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged, or holds more than the bound.
    """
    left = most_bytes
    with _unpacked(path) as file:
        while line := file.readline(longest_line):
            left -= len(line)
            if left < 0:
                raise ValueError(f"it holds more than {most_bytes >> 20} MiB")
            yield line


@contextmanager
def _unpacked(path: Path) -> Generator[IO[bytes]]:
    with path.open("rb") as file:
        head = file.read(4)
        file.seek(0)
        try:
            if head.startswith(_GZIP):
                yield cast("IO[bytes]", gzip.GzipFile(fileobj=file))
            elif head == _ZSTD:
                reader = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW).stream_reader(file, read_across_frames=True)
                yield io.BufferedReader(cast("io.RawIOBase", reader))
            else:
                yield file
        except _BROKEN as error:
            raise ValueError(f"its packing is damaged: {error}") from error
