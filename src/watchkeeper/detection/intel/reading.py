"""Reading files of indicators: plain, gzip, zip, or a folder of them. Owns the walk and the choice of the format; formats are their own."""

import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from watchkeeper.detection.intel.formats import FORMATS, Ask, Entry, Format, Refused

MOST_MEMBERS = 50_000
MOST_BYTES = 8 << 30
"""What one archive may expand to."""
_HEAD_BYTES = 65_536
_UNREADABLE = (OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Opened:
    """One file, recognised."""

    name: str
    """As shown to people."""
    format: Format | None
    """None if nobody knows it."""
    entries: Iterator[Entry | Refused]
    """To be read before the next file is asked for; a file that turns out damaged ends in a `Refused`."""


def opened(path: Path, ask: Ask, format_name: str = "") -> Iterator[Opened]:
    """Yield every file that a path holds.

    Raises:
        OSError: the path cannot be read.
        ValueError: there is no format of that name.
    """
    formats = [one for one in FORMATS if not format_name or one.name == format_name]
    if not formats:
        raise ValueError(f"format {format_name!r} is not known; choose one of {', '.join(one.name for one in FORMATS)}")
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    for file in files:
        shown = file.relative_to(path.parent).as_posix() if path.is_dir() else file.name
        with file.open("rb") as stream:
            yield from _of_file(shown, stream, formats, ask)


def _of_file(name: str, stream: IO[bytes], formats: Sequence[Format], ask: Ask) -> Iterator[Opened]:
    magic = stream.read(4)
    stream.seek(0)
    if magic == b"PK\x03\x04":
        yield from _of_zip(name, stream, formats, ask)
    elif magic[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=stream) as unpacked:
            yield _recognised(name, cast("IO[bytes]", unpacked), formats, ask)
    else:
        yield _recognised(name, stream, formats, ask)


def _of_zip(name: str, stream: IO[bytes], formats: Sequence[Format], ask: Ask) -> Iterator[Opened]:
    try:
        archive = zipfile.ZipFile(stream)
    except _UNREADABLE as error:
        yield Opened(name, None, iter([Refused(f"a damaged archive: {error}", name)]))
        return
    with closing(archive):
        members = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX")]
        if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_BYTES:
            yield Opened(name, None, iter([Refused("an archive that expands too far", name)]))
            return
        for one in members:
            try:
                with archive.open(one) as member:
                    yield _recognised(f"{name}!{one.filename}", member, formats, ask)
            except _UNREADABLE as error:
                yield Opened(f"{name}!{one.filename}", None, iter([Refused(f"a damaged archive: {error}", one.filename)]))


def _recognised(name: str, stream: IO[bytes], formats: Sequence[Format], ask: Ask) -> Opened:
    try:
        head = stream.read(_HEAD_BYTES)
    except _UNREADABLE as error:
        return Opened(name, None, iter([Refused(f"a file that cannot be read: {error}", name)]))
    found = formats[0] if len(formats) == 1 else next((one for one in formats if one.sniff(head)), None)
    if found is None:
        return Opened(name, None, iter([Refused("a file in no format that is known", name)]))
    whole: IO[bytes] = io.BufferedReader(_Joined(head, stream))
    return Opened(name, found, _bounded(name, found, whole, ask))


def _bounded(name: str, found: Format, stream: IO[bytes], ask: Ask) -> Iterator[Entry | Refused]:
    """Read entries until the file ends or breaks; what came before stays."""
    try:
        yield from found.entries(stream, ask)
    except _UNREADABLE as error:
        if ask.columns:
            raise
        yield Refused(f"a damaged file: {error}", name)


class _Joined(io.RawIOBase):
    """The head that was read already, and what follows, up to `MOST_BYTES`."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._rest = rest
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] -- `BufferedReader` gives nothing else
        piece = self._head[: len(buffer)] if self._head else self._rest.read(len(buffer))
        self._head = self._head[len(piece) :] if self._head else b""
        self._left -= len(piece)
        if self._left < 0:
            raise ValueError(f"it expands to more than {MOST_BYTES >> 30} GiB")
        buffer[: len(piece)] = piece
        return len(piece)
