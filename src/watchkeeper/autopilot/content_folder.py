"""The folder of installed rules and other content: which version is in force, and a person's own rules beside it. Owns the layout alone.

    rules/
      current.json       which version is in force, where each kind in it came from, and the version before it
      versions/…/KIND/   one folder a version, one in it for each kind of content: as it came, never changed
      local/             the person's own rules and filters: never touched

Only the replacement of `current.json` puts a version in force, so that a crash at any moment leaves the old one or the new one.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

VERSIONS, LOCAL, CURRENT = "versions", "local", "current.json"
RULES, INTEL, WARNING_LISTS, CVE, KEV, LOG_SOURCES, ATTACK = "rules", "intel", "warninglists", "cve", "kev", "logsources", "attack"
"""Kinds of content that something here uses."""
CATALOGUE = "catalogue.json"
"""What is made of ATT&CK once it comes, in the folder of its kind; it is no file of whoever sent it."""
INCOMING = ".incoming-"
"""What folders are called while they are being filled."""
_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}")
_KIND = re.compile(r"[a-z]{1,40}")
_ABANDONED = timedelta(hours=1)
"""A folder that has been filling for so long belongs to an update that was killed."""


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where one kind of content came from."""

    file: str
    """Name of the zip or bundle."""
    digest: str
    """SHA-256 of that file, 64 hex digits."""
    installed: datetime
    """Since when it is in force."""
    name: str = ""
    """The bundle's series; empty for a zip of rules, as is what follows."""
    version: str = ""
    """What the bundle calls itself."""
    created: datetime | None = None
    """When the bundle was built."""
    signer: str = ""
    """Id of the trusted key that signed the bundle; empty if none did."""
    sources: tuple[str, ...] = ()
    """Who says so, for intelligence: what a later bundle that does not name one of them takes out."""


class Current(msgspec.Struct, frozen=True):
    """Which version of the content is in force."""

    version: str
    """Its folder's name: when it was installed, UTC, and the beginning of the SHA-256 of what it came from."""
    kinds: Mapping[str, Origin]
    """Where each kind came from; what an update does not bring is carried over from the version before."""
    previous: str = ""
    """The version before it, which is kept; empty if it is the first."""
    rules_before: str = ""
    """The last version whose rules were replaced, which is kept too; empty if these are the first."""


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
    names = (found.version, found.previous, found.rules_before)
    if (
        not found.version
        or not all(_VERSION.fullmatch(name) for name in names if name)
        or not all(_KIND.fullmatch(kind) for kind in found.kinds)
    ):
        raise _damaged(path)
    return found


def in_force(folder: Path) -> Current | None:
    """Give the version in force if it is there; a damaged folder has none, and is mended by the next update."""
    try:
        now = current(folder)
    except ValueError:
        return None
    return now if now is not None and version_folder(folder, now.version).is_dir() else None


def installed(folder: Path) -> tuple[Path, ...]:
    """Give the folders to load rules from: those in force, and the person's own rules and filters.

    Raises:
        FileNotFoundError: no rules have been installed.
        OSError: the folder cannot be read.
        ValueError: its `current.json` is damaged.
    """
    rules = kind_folder(folder, RULES)
    if rules is None:
        said = "`watchkeeper rules update FILE.zip` or `watchkeeper content install BUNDLE` installs them"
        raise FileNotFoundError(f"no rules are installed in {str(folder)!r}; {said}")
    return (rules, *local(folder))


def kind_folder(folder: Path, kind: str) -> Path | None:
    """Give the folder of one kind of content that is in force, one folder in it for each part; none if there is nothing of it.

    Raises:
        OSError: the folder cannot be read.
        ValueError: its `current.json` is damaged.
    """
    now = current(folder)
    return version_folder(folder, now.version) / kind if now is not None and kind in now.kinds else None


def kind_files(folder: Path, kind: str) -> tuple[Path, ...]:
    """Give every file of one kind of content that is in force, by name.

    Raises:
        OSError: the folder cannot be read.
        ValueError: its `current.json` is damaged.
    """
    place = kind_folder(folder, kind)
    return tuple(path for path in sorted(place.rglob("*")) if path.is_file()) if place else ()


def local(folder: Path) -> tuple[Path, ...]:
    """Give the folder of the person's own rules and filters, if there is one."""
    own = folder / LOCAL
    return (own,) if own.is_dir() else ()


def version_folder(folder: Path, version: str) -> Path:
    """Give the folder of a version, whether it is there or not."""
    return folder / VERSIONS / version


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


def put_in_force(folder: Path, filled: Path, origins: Mapping[str, Origin]) -> Current:
    """Make a folder with these kinds of content the version in force; other kinds are carried over, older versions go.

    Raises:
        OSError: the folder cannot be written; the version in force stays.
    """
    before = in_force(folder)
    latest = max(origins.values(), key=lambda origin: origin.installed)
    kept = {kind: origin for kind, origin in (before.kinds.items() if before else ()) if kind not in origins}
    if before:
        for kind in kept:
            _carry_over(version_folder(folder, before.version) / kind, filled / kind)
    version = _free_name(folder, latest)
    now = Current(version, {**kept, **origins}, before.version if before else "", _rules_before(before, origins))
    place = version_folder(folder, version)
    _settle(filled)
    filled.rename(place)
    _sync(place.parent)
    _point(folder, now)
    for old in place.parent.iterdir():
        if _VERSION.fullmatch(old.name) and old.name not in {now.version, now.previous, now.rules_before}:
            shutil.rmtree(old, ignore_errors=True)
    return now


def _rules_before(before: Current | None, origins: Mapping[str, Origin]) -> str:
    if before is None or RULES not in before.kinds:
        return ""
    return before.version if RULES in origins else before.rules_before


def _free_name(folder: Path, latest: Origin) -> str:
    """Name a version; what went out of force a moment ago may still have the name of this very second."""
    moment = latest.installed.astimezone(UTC)
    while version_folder(folder, name := f"{moment:%Y%m%dT%H%M%SZ}-{latest.digest[:12]}").exists():
        moment += timedelta(seconds=1)
    return name


def _point(folder: Path, now: Current) -> None:
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


def _carry_over(old: Path, new: Path) -> None:
    """Bring a kind into the next version; files are never changed, so that both may share them."""

    def share(source: str, target: str) -> None:
        try:
            Path(target).hardlink_to(source)
        except OSError:  # the file system has no such links
            shutil.copyfile(source, target)
            _sync(Path(target))

    shutil.copytree(old, new, copy_function=share)


def _settle(filled: Path) -> None:
    """See that every folder's entries are on the disk."""
    for place, _, _ in os.walk(filled):
        _sync(Path(place))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(path: Path) -> ValueError:
    return ValueError(f"{str(path)!r} is damaged; run `watchkeeper rules update FILE.zip` to install the rules anew")
