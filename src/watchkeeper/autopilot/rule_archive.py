"""Unpacking a zip of rules that anyone may have made. Owns how much of it is believed and which files are wanted.

What is refused of any zip stands in `bundle.archive`; where it goes and what it holds are others'.
"""

import os
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from watchkeeper.bundle.archive import Bounds, checked, content, opened

MAX_ARCHIVE_BYTES = 256 << 20
"""A zip larger than this is refused."""
MAX_MEMBERS = 100_000
"""A zip with more members is refused."""
MAX_FILE_BYTES = 1 << 20
"""A member that is larger is refused; no rule is."""
MAX_ALL_BYTES = 512 << 20
"""A zip whose rules are larger together is refused."""

_RULES = (".yml", ".yaml")
_BESIDE = re.compile(r"(license|licence|copying|notice|readme|version)[^/]*", re.IGNORECASE)
"""Files beside the rules that say whose they are."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of a zip."""

    files: int
    """Files that were written."""
    left_out: int
    """Files that are neither rules nor say whose they are."""


def is_wanted(name: str) -> bool:
    """Say whether a file is a rule, or says whose the rules are."""
    return name.lower().endswith(_RULES) or _BESIDE.fullmatch(name.rpartition("/")[2]) is not None


def unpack(archive: Path, into: Path) -> Unpacked:
    """Write the rules of a zip into a new folder and see that they are on the disk.

    Raises:
        FileExistsError: the folder is there already.
        OSError: the zip cannot be read or the folder cannot be written.
        ValueError: it is no zip, damaged, or beyond what is believed; the message says which member and why. The folder may be half full.
    """
    bounds = Bounds("rule", MAX_ARCHIVE_BYTES, MAX_MEMBERS, MAX_FILE_BYTES, MAX_ALL_BYTES)
    if archive.stat().st_size > MAX_ARCHIVE_BYTES:
        raise _refused(archive, f"it is larger than {MAX_ARCHIVE_BYTES >> 20} MiB")
    try:
        with opened(archive) as zipped:
            members = checked(zipped.infolist(), bounds, is_wanted)
            wanted = [member for member in members if is_wanted(member.filename)]
            into.mkdir(parents=True)
            _write(zipped, wanted, into, bounds)
    except ValueError as error:
        raise _refused(archive, str(error)) from error
    return Unpacked(len(wanted), len(members) - len(wanted))


def _refused(archive: Path, reason: str) -> ValueError:
    return ValueError(f"{str(archive)!r} is refused: {reason}; what was installed before stays, get the file anew from where you trust")


def _write(zipped: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], into: Path, bounds: Bounds) -> None:
    left = bounds.all_bytes
    for member in members:
        path = into / member.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            for chunk in content(zipped, member, bounds):
                left -= len(chunk)
                if left < 0:
                    raise ValueError(f"its rules are larger than {bounds.all_bytes >> 20} MiB together")
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
