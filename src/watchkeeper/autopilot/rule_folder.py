"""The folder of installed rules: which version is in force, and a person's own beside it. Owns the layout, not what an update means.

    rules/
      current.json     which version is in force, where it came from, and the one before it
      versions/…/      one folder a version: as it came, never changed
      local/           the person's own rules and filters: never touched

Only the replacement of `current.json` puts a version in force, so that a crash at any moment leaves the old one or the new one.
"""

import os
import re
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

VERSIONS, LOCAL, CURRENT = "versions", "local", "current.json"
INCOMING = ".incoming-"
"""What folders are called while they are being filled."""
_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}")
_ABANDONED = timedelta(hours=1)
"""A folder that has been filling for so long belongs to an update that was killed."""


class Current(msgspec.Struct, frozen=True):
    """Which version of the rules is in force."""

    version: str
    """Its folder's name: when it was installed, UTC, and the beginning of its zip's SHA-256."""
    origin: str
    """Name of the zip it came from."""
    digest: str
    """SHA-256 of that zip, 64 hex digits."""
    previous: str = ""
    """The version before it, which is kept; empty if it is the first."""


def current(folder: Path) -> Current | None:
    """Give the version in force; none if nothing has been installed.

    Raises:
        OSError: the folder cannot be read.
        ValueError: its `current.json` is damaged.
    """
    path = folder / CURRENT
    if not path.exists():
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Current)
    except ValueError as error:
        raise _damaged(path) from error
    if not _VERSION.fullmatch(found.version) or (found.previous and not _VERSION.fullmatch(found.previous)):
        raise _damaged(path)
    return found


def installed(folder: Path) -> tuple[Path, ...]:
    """Give the folders to load rules from: the version in force, and the person's own rules and filters.

    Raises:
        FileNotFoundError: nothing has been installed.
        OSError: the folder cannot be read.
        ValueError: its `current.json` is damaged.
    """
    now = current(folder)
    if now is None:
        raise FileNotFoundError(f"no rules are installed in {str(folder)!r}; `watchkeeper rules update FILE.zip` installs them")
    return (version_folder(folder, now.version), *local(folder))


def local(folder: Path) -> tuple[Path, ...]:
    """Give the folder of the person's own rules and filters, if there is one."""
    own = folder / LOCAL
    return (own,) if own.is_dir() else ()


def version_folder(folder: Path, version: str) -> Path:
    """Give the folder of a version, whether it is there or not."""
    return folder / VERSIONS / version


def new_version(digest: str, now: datetime) -> str:
    """Name a version."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest[:12]}"


def incoming(folder: Path) -> Path:
    """Make a place for a version that is not in force yet; what killed updates left behind goes."""
    versions = folder / VERSIONS
    versions.mkdir(parents=True, exist_ok=True)
    (folder / LOCAL).mkdir(exist_ok=True)
    oldest = (datetime.now(UTC) - _ABANDONED).timestamp()
    for left in versions.glob(f"{INCOMING}*"):
        if left.stat().st_mtime < oldest:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=INCOMING, dir=versions))


def put_in_force(folder: Path, filled: Path, now: Current) -> None:
    """Give a filled folder its name and make it the version in force; older ones go, but for the one before it.

    Raises:
        OSError: the folder cannot be written; the version in force stays.
    """
    place = version_folder(folder, now.version)
    _settle(filled)
    filled.rename(place)
    _sync(place.parent)
    handle, written = tempfile.mkstemp(prefix=f".{CURRENT}-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(now)))
            file.flush()
            os.fsync(file.fileno())
        Path(written).replace(folder / CURRENT)
    except OSError:
        Path(written).unlink(missing_ok=True)
        raise
    _sync(folder)
    for old in place.parent.iterdir():
        if _VERSION.fullmatch(old.name) and old.name not in {now.version, now.previous}:
            shutil.rmtree(old, ignore_errors=True)


def _settle(filled: Path) -> None:
    """See that every folder's entries are on the disk."""
    for place, _, _ in os.walk(filled):
        _sync(Path(place))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(path: Path) -> ValueError:
    return ValueError(f"{str(path)!r} is damaged; run `watchkeeper rules update FILE.zip` to install the rules anew")
