"""Unpacking a zip of rules that anyone may have made. Owns the bounds and what is refused; where it goes and what it holds are others'.

Nothing in it is trusted: names, sizes and kinds are checked before the first byte is written, and bytes are counted as they come out.
"""

import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_ARCHIVE_BYTES = 256 << 20
"""A zip larger than this is refused."""
MAX_MEMBERS = 100_000
"""A zip with more members is refused."""
MAX_FILE_BYTES = 1 << 20
"""A member that is larger is refused; no rule is."""
MAX_ALL_BYTES = 512 << 20
"""A zip whose rules are larger together is refused."""
MAX_PARTS = 24
"""A member in more folders than this is refused."""

_RULES = (".yml", ".yaml")
_BESIDE = re.compile(r"(license|licence|copying|notice|readme|version)[^/]*", re.IGNORECASE)
"""Files beside the rules that say whose they are."""
_PART = re.compile(r"(?!\.{1,2}$)[^\x00-\x1f\x7f\\:*?\"<>|]{1,180}")
_ENCRYPTED = 0x1
_UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of a zip."""

    files: int
    """Files that were written."""
    left_out: int
    """Files that are neither rules nor say whose they are."""


def unpack(archive: Path, into: Path) -> Unpacked:
    """Write the rules of a zip into a new folder and see that they are on the disk.

    Raises:
        FileExistsError: the folder is there already.
        OSError: the zip cannot be read or the folder cannot be written.
        ValueError: it is no zip, damaged, or beyond what is believed; the message says which member and why. The folder may be half full.
    """
    if archive.stat().st_size > MAX_ARCHIVE_BYTES:
        raise _refused(archive, f"it is larger than {MAX_ARCHIVE_BYTES >> 20} MiB")
    with _opened(archive) as opened:
        members = _checked(archive, opened.infolist())
        wanted = [member for member in members if _is_wanted(member.filename)]
        into.mkdir(parents=True)
        _write(archive, opened, wanted, into)
    return Unpacked(len(wanted), len(members) - len(wanted))


def _refused(archive: Path, reason: str) -> ValueError:
    return ValueError(f"{str(archive)!r} is refused: {reason}; what was installed before stays, get the file anew from where you trust")


def _opened(archive: Path) -> zipfile.ZipFile:
    archive.open("rb").close()  # what is missing or may not be read is said as such
    try:
        return zipfile.ZipFile(archive)
    except _UNREADABLE as error:
        raise _refused(archive, f"it is no zip or a damaged one: {error}") from error


def _is_wanted(name: str) -> bool:
    return name.lower().endswith(_RULES) or _BESIDE.fullmatch(name.rpartition("/")[2]) is not None


def _checked(archive: Path, members: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Give the members that are files once every member is known to be harmless."""
    if len(members) > MAX_MEMBERS:
        raise _refused(archive, f"it has {len(members):,} members, more than {MAX_MEMBERS:,}")
    seen: set[str] = set()
    for member in members:
        reason = _suspect(member)
        if reason:
            raise _refused(archive, f"{member.orig_filename[:200]!r} {reason}")
        name = member.filename.rstrip("/").casefold()
        if name in seen:
            raise _refused(archive, f"{member.filename[:200]!r} is in it twice")
        seen.add(name)
    files = [member for member in members if not member.is_dir()]
    if sum(member.file_size for member in files if _is_wanted(member.filename)) > MAX_ALL_BYTES:
        raise _refused(archive, f"its rules are larger than {MAX_ALL_BYTES >> 20} MiB together")
    return files


def _suspect(member: zipfile.ZipInfo) -> str:
    """Say what is wrong with a member; empty if nothing is."""
    parts = member.filename.removesuffix("/").split("/")
    if member.orig_filename != member.filename or len(parts) > MAX_PARTS or not all(_PART.fullmatch(part) for part in parts):
        return "has a name that leads out of the folder or that no rule has"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a device, not a file"
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if member.file_size > MAX_FILE_BYTES and _is_wanted(member.filename):
        return f"is larger than {MAX_FILE_BYTES:,} bytes, which no rule is"
    return ""


def _write(archive: Path, opened: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], into: Path) -> None:
    total = 0
    for member, content in _contents(archive, opened, members):
        total += len(content)
        if total > MAX_ALL_BYTES:
            raise _refused(archive, f"its rules are larger than {MAX_ALL_BYTES >> 20} MiB together")
        path = into / member.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _contents(archive: Path, opened: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    for member in members:
        try:
            with opened.open(member) as stream:
                content = stream.read(MAX_FILE_BYTES + 1)
        except _UNREADABLE as error:
            raise _refused(archive, f"{member.filename!r} cannot be read: {error}") from error
        if len(content) > MAX_FILE_BYTES:
            raise _refused(archive, f"{member.filename!r} is larger than {MAX_FILE_BYTES:,} bytes, which no rule is")
        yield member, content
