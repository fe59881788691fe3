"""Finding rule files in folders, files and zip archives, within bounds. Owns their bytes; YAML stands in `documents`."""

import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

MAX_FILE_BYTES = 1024 * 1024
"""A rule file larger than this is not read."""
MAX_ARCHIVE_FILES = 100_000
"""Members of an archive beyond this are not looked at."""
_SUFFIXES = (".yml", ".yaml")
_DAMAGED = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)
"""What reading an archive raises that is damaged, encrypted or oddly compressed."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The bytes of one YAML file."""

    path: str
    """Where it stands (`archive.zip!member` inside an archive)."""
    content: bytes


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that gave no documents, and why."""

    path: str
    reason: str
    line: int | None = None


def is_archive(path: Path) -> bool:
    """Say whether the path is read as a zip archive."""
    return path.is_file() and zipfile.is_zipfile(path)


def rule_files(path: Path) -> Iterator[RuleFile | Unread]:
    """Read every YAML file of a folder or zip archive, in the order of their names, or the one file that the path is.

    Raises:
        FileNotFoundError: the path does not exist.
        PermissionError: the path may not be read.
    """
    if path.is_dir():
        yield from _folder(path)
    elif is_archive(path):
        yield from _archive(path)
    else:
        yield _bounded(str(path), path.read_bytes())


def _folder(top: Path) -> Iterator[RuleFile | Unread]:
    """Read what stands below a folder; there may be thousands of files, so their names stay text."""
    names: list[str] = []
    lost: list[OSError] = []
    for folder, _, files in os.walk(top, onerror=lost.append):
        names.extend(f"{folder}{os.sep}{name}" for name in files if name.lower().endswith(_SUFFIXES) and name.lower() not in _SUFFIXES)
    for error in lost:
        if error.filename == str(top):
            raise error
        yield Unread(str(error.filename), error.strerror or str(error))
    for name in sorted(names, key=lambda name: name.replace(os.sep, "\0")):
        yield _from_disk(name.removeprefix(f".{os.sep}"))


def _from_disk(path: str) -> RuleFile | Unread:
    try:
        with open(path, "rb", opener=_at_once) as stream:
            found = os.fstat(stream.fileno())
            if not S_ISREG(found.st_mode):
                return Unread(path, "it is no ordinary file")
            return _bounded(path, stream.read(min(found.st_size, MAX_FILE_BYTES) + 1))
    except OSError as error:
        return Unread(path, error.strerror or str(error))


def _at_once(path: str, flags: int) -> int:
    """Open without waiting, as one would for who writes to a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _archive(path: Path) -> Iterator[RuleFile | Unread]:
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGED as error:
        yield Unread(str(path), f"it is a damaged zip: {error}")
        return
    with archive:
        members = [member for member in archive.infolist() if member.filename.lower().endswith(_SUFFIXES)]
        for member in sorted(members[:MAX_ARCHIVE_FILES], key=lambda member: member.filename):
            yield _member(archive, member, f"{path}!{member.filename}")
    if len(members) > MAX_ARCHIVE_FILES:
        yield Unread(str(path), f"{len(members) - MAX_ARCHIVE_FILES:,} files beyond the first {MAX_ARCHIVE_FILES:,} were left out")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> RuleFile | Unread:
    try:
        with archive.open(member) as stream:
            return _bounded(name, stream.read(MAX_FILE_BYTES + 1))
    except _DAMAGED as error:
        return Unread(name, str(error))


def _bounded(name: str, content: bytes) -> RuleFile | Unread:
    return Unread(name, _too_large()) if len(content) > MAX_FILE_BYTES else RuleFile(name, content)


def _too_large() -> str:
    return f"it is larger than {MAX_FILE_BYTES:,} bytes, which no rule is"
