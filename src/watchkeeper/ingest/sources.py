"""The files to read: in folders, inside archives, decompressed. Owns finding and opening them; what they hold is the readers'."""

import codecs
import io
import os
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from watchkeeper.ingest.bounds import MAX_DEPTH, MAX_NESTED_BYTES, Budget, ExcessError
from watchkeeper.ingest.reader import HEAD_BYTES
from watchkeeper.ingest.streams import BUFFER_BYTES, DamagedError, guarded, gunzip, unzstd

_SPOOL_BYTES = 16 * 1024 * 1024
_GZIP, _ZSTD, _ZIP, _EMPTY_ZIP = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PK\x05\x06"
_TAR_MAGIC_AT, _TAR_MAGIC = 257, b"ustar"
_PACKED_SUFFIX = re.compile(r"\.(gz|gzip|zst|zstd)$", re.IGNORECASE)
_BOM_CODECS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_UNREADABLE = (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile, tarfile.TarError)


@dataclass(frozen=True, slots=True)
class Source:
    """One file or archive member, open for reading until the next one is asked for."""

    shown: str
    """Path as shown to people."""
    name: str
    """Its name without folders, archive and compression."""
    stream: io.BufferedReader | None
    """Its decompressed bytes; none if it could not be opened."""
    error: str = ""
    """Why it could not be opened."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an open stream stands: what to call it, how deep, and what it may still use."""

    shown: str
    name: str
    depth: int
    budget: Budget

    def inside(self) -> "_Place":
        return _Place(self.shown, self.name, self.depth + 1, self.budget)

    def member(self, path: str) -> "_Place":
        return _Place(f"{self.shown}!{valid(path)}", _unpacked_name(PurePosixPath(path).name), self.depth + 1, self.budget)

    def failed(self, failure: Exception | str) -> Source:
        return Source(self.shown, self.name, None, str(failure) or type(failure).__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """One file on disk."""

    path: Path
    shown: str
    """Path as shown to people: from the given path's own name on."""
    error: str = ""
    """Why it cannot be read; empty if nothing is known against it."""

    @property
    def size(self) -> int:
        """Bytes on disk, none if it is no file."""
        return self.path.stat().st_size if self.path.is_file() else 0


def valid(text: str) -> str:
    """Replace what UTF-8 cannot hold: names on disk and in archives may be any bytes."""
    return text.encode(errors="replace").decode()


def _unpacked_name(name: str) -> str:
    return _PACKED_SUFFIX.sub("", name)


def files(paths: Sequence[Path]) -> list[Found]:
    """Find every file under the given paths, each once; the order does not depend on how the paths were given.

    Raises:
        FileNotFoundError: a given path does not exist.
        PermissionError: a given path may not be read.
    """
    found: dict[Path, Found] = {}
    for root in sorted({given.resolve(strict=True) for given in paths}):
        _check_access(root)
        for path, error in _walk(root):
            found.setdefault(path.resolve(), Found(path, valid(path.relative_to(root.parent).as_posix()), error))
    return sorted(found.values(), key=lambda one: (_PACKED_SUFFIX.sub("", one.shown), one.shown, one.path))


def expanded(file: Found, counted: Callable[[int], None]) -> Iterator[Source]:
    """Open one file and give it, or every member of the archive that it is; `counted` is told how many bytes were read from disk."""
    place = _Place(file.shown, _unpacked_name(file.path.name), 0, Budget(0))
    if file.error:
        yield place.failed(file.error)
        return
    try:
        if not file.path.is_file():
            yield place.failed("not a regular file")
            return
        place.budget.size = file.path.stat().st_size
        stream: io.BufferedReader = io.BufferedReader(_Counted(file.path, counted), BUFFER_BYTES)
        with stream:
            yield from _open(stream, place)
    except OSError as failure:
        yield place.failed(failure)


class _Counted(io.FileIO):
    """A file on disk that tells how many bytes were read from it."""

    def __init__(self, path: Path, counted: Callable[[int], None]) -> None:
        super().__init__(path, "rb")
        self._counted = counted

    def readinto(self, buffer: Any, /) -> int | None:
        count = super().readinto(buffer)
        self._counted(count or 0)
        return count

    def readall(self) -> bytes:
        content = super().readall()
        self._counted(len(content))
        return content


def _check_access(given: Path) -> None:
    if given.is_dir():
        next(given.iterdir(), None)
    elif given.is_file():
        with given.open("rb"):
            pass


def _walk(root: Path) -> Iterator[tuple[Path, str]]:
    if not root.is_dir():
        yield root, ""
        return
    denied: list[OSError] = []
    for folder, _, names in os.walk(root, onerror=denied.append):
        for name in names:
            yield Path(folder) / name, ""
    for failure in denied:
        yield Path(str(failure.filename)), str(failure)


def _open(stream: io.BufferedReader, place: _Place) -> Iterator[Source]:
    try:
        head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    except (DamagedError, ExcessError, OSError) as failure:
        yield place.failed(failure)
        return
    container = _container(head)
    if container is None:
        yield Source(place.shown, place.name, _as_utf8(stream, head))
    elif place.depth >= MAX_DEPTH:
        yield place.failed(f"archives nested more than {MAX_DEPTH} deep; left unread")
    else:
        yield from container(stream, place)


def _container(head: bytes) -> Callable[[io.BufferedReader, _Place], Iterator[Source]] | None:
    if head.startswith(_GZIP):
        return _gzip
    if head.startswith(_ZSTD):
        return _zstd
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        return _zip
    return _tar if head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + len(_TAR_MAGIC)] == _TAR_MAGIC else None


def _gzip(stream: io.BufferedReader, place: _Place) -> Iterator[Source]:
    yield from _open(gunzip(stream, place.budget), place.inside())


def _zstd(stream: io.BufferedReader, place: _Place) -> Iterator[Source]:
    yield from _open(unzstd(stream, place.budget), place.inside())


def _zip(stream: io.BufferedReader, place: _Place) -> Iterator[Source]:
    try:
        with _seekable(stream, place) as file, zipfile.ZipFile(file) as archive:
            for entry in sorted(archive.infolist(), key=lambda entry: _member_order(entry.filename)):
                if not entry.is_dir():
                    yield from _member(place, entry.filename, lambda entry=entry: archive.open(entry))
    except _UNREADABLE as failure:
        yield place.failed(failure)


def _tar(stream: io.BufferedReader, place: _Place) -> Iterator[Source]:
    try:
        with _seekable(stream, place) as file, tarfile.open(fileobj=file, mode="r:") as archive:
            for entry in sorted(_tar_entries(archive), key=lambda entry: _member_order(entry.name)):
                yield from _member(place, entry.name, lambda entry=entry: archive.extractfile(entry))
    except _UNREADABLE as failure:
        yield place.failed(failure)


def _tar_entries(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for entry in archive:
        if entry.isfile():
            yield entry


def _member(place: _Place, path: str, opened: Callable[[], IO[bytes] | None]) -> Iterator[Source]:
    inner = place.member(path)
    place.budget.member()
    try:
        stream = opened()
    except _UNREADABLE as failure:
        yield inner.failed(failure)
        return
    if stream is not None:
        with stream:
            yield from _open(guarded(stream, place.budget.expand), inner)


def _member_order(path: str) -> tuple[str, str]:
    return _PACKED_SUFFIX.sub("", path), path


@contextmanager
def _seekable(stream: io.BufferedReader, place: _Place) -> Generator[IO[bytes]]:
    """Give the stream itself if it is a file on disk, else a copy, in memory while small."""
    if place.depth == 0:
        yield stream
        return
    with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as copy:
        while piece := stream.read(BUFFER_BYTES):
            copy.write(piece)
            if copy.tell() > MAX_NESTED_BYTES:
                raise ExcessError(f"an archive within an archive is larger than {MAX_NESTED_BYTES // 1024**3} GiB; left unread")
        copy.seek(0)
        yield cast("IO[bytes]", copy)


def _as_utf8(stream: io.BufferedReader, head: bytes) -> io.BufferedReader:
    codec = _BOM_CODECS.get(head[:2])
    return guarded(_Transcoded(stream, codec), lambda _: None) if codec else stream


class _Transcoded:
    """UTF-16 text as UTF-8."""

    def __init__(self, stream: IO[bytes], codec: str) -> None:
        stream.read(2)
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)("replace")

    def read(self, size: int, /) -> bytes:
        text = ""
        while not text:
            piece = self._stream.read(size // 2 or 1)
            text = self._decoder.decode(piece, final=not piece)
            if not piece:
                break
        return text.encode(errors="replace")[:size]
