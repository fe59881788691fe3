"""Zips that anyone may have made: the bounds, and what is refused. Owns no meaning of what is in them.

Nothing in one is trusted: names, sizes and kinds are checked before the first byte is read, and bytes are counted as they come out.
"""

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_PARTS = 24
"""A member in more folders than this is refused."""
_PART = re.compile(r"(?!\.{1,2}$)[^\x00-\x1f\x7f\\:*?\"<>|/]{1,180}")
_ENCRYPTED = 0x1
_CHUNK = 1 << 20
_UNREADABLE = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a zip is believed."""

    noun: str
    """What a member is, in messages."""
    archive_bytes: int
    """A larger file is refused."""
    members: int
    """More members are refused."""
    member_bytes: int
    """A larger member is refused if it is wanted."""
    all_bytes: int
    """More bytes of wanted members together are refused."""


def is_safe(name: str) -> bool:
    """Say whether a member's name stays in its folder and can be a file's everywhere."""
    parts = name.split("/")
    return len(parts) <= MAX_PARTS and all(_PART.fullmatch(part) for part in parts)


def opened(archive: Path) -> zipfile.ZipFile:
    """Open a zip.

    Raises:
        OSError: it is not there or may not be read.
        ValueError: it is no zip or a damaged one.
    """
    archive.open("rb").close()  # what is missing or may not be read is said as such
    try:
        return zipfile.ZipFile(archive)
    except _UNREADABLE as error:
        raise ValueError(f"it is no zip or a damaged one: {error}") from error


def checked(members: Sequence[zipfile.ZipInfo], bounds: Bounds, is_wanted: Callable[[str], bool]) -> list[zipfile.ZipInfo]:
    """Give the members that are files once every member is known to be harmless.

    Raises:
        ValueError: one is not, or there is too much; the message says which and why.
    """
    if len(members) > bounds.members:
        raise ValueError(f"it has {len(members):,} members, more than {bounds.members:,}")
    seen: set[str] = set()
    for member in members:
        if reason := _suspect(member, bounds, is_wanted):
            raise ValueError(f"{member.orig_filename[:200]!r} {reason}")
        name = member.filename.rstrip("/").casefold()
        if name in seen:
            raise ValueError(f"{member.filename[:200]!r} is in it twice")
        seen.add(name)
    files = [member for member in members if not member.is_dir()]
    if sum(member.file_size for member in files if is_wanted(member.filename)) > bounds.all_bytes:
        raise ValueError(f"its {bounds.noun}s are larger than {bounds.all_bytes >> 20} MiB together")
    return files


def content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, bounds: Bounds) -> Iterator[bytes]:
    """Give a member's bytes as they come out.

    Raises:
        ValueError: it is damaged, or larger than it says.
    """
    left = bounds.member_bytes
    for chunk in _chunks(archive, member):
        left -= len(chunk)
        if left < 0:
            raise ValueError(f"{member.filename!r} is larger than {bounds.member_bytes:,} bytes, which no {bounds.noun} is")
        yield chunk


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except _UNREADABLE as error:
        raise ValueError(f"{member.filename!r} cannot be read: {error}") from error


def _suspect(member: zipfile.ZipInfo, bounds: Bounds, is_wanted: Callable[[str], bool]) -> str:
    """Say what is wrong with a member; empty if nothing is."""
    if member.orig_filename != member.filename or not is_safe(member.filename.removesuffix("/")):
        return f"has a name that leads out of the folder or that no {bounds.noun} has"
    if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a device, not a file"
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if member.file_size > bounds.member_bytes and is_wanted(member.filename):
        return f"is larger than {bounds.member_bytes:,} bytes, which no {bounds.noun} is"
    return ""
