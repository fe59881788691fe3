"""The evidence package: an incident's events, report, hashes and chain of custody in one zip. Owns its manifest and its bytes.

The zip is an ordinary one whose members are stored as they are, in a fixed order, with a fixed time: its bytes follow from its members, so
that a changed byte is seen even between them. The manifest is signed beside it, as `minisign -V -m manifest.json` checks it.
"""

import shutil
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Literal

import msgspec
from msgspec import Meta

from watchkeeper.bundle.archive import Bounds
from watchkeeper.bundle.manifest import MANIFEST, Member
from watchkeeper.bundle.minisign import SecretKey, hashed, sign
from watchkeeper.bundle.writing import entry, replacing

SIGNATURE = "manifest.json.minisig"
CUSTODY = "custody.jsonl"
BOUNDS = Bounds("member", archive_bytes=4 << 30, members=1_000, member_bytes=2 << 30, all_bytes=4 << 30)
_Word = Annotated[str, Meta(max_length=2_000)]


class Original(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that events of the incident were read from."""

    source: _Word
    """As it is shown to people; `archive.zip!member` inside an archive."""
    reader: _Word
    events: int
    """Events that were read from it, of whatever incident."""
    size: int | None = None
    """Bytes of the file, or of the archive it is in; none if it was not there any more."""
    sha256: str = ""
    """64 hex digits of the file, or of the archive it is in; empty if it was not there any more."""


class Package(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an evidence package says of itself."""

    format: Literal[1]
    incident: _Word
    """Id of the incident."""
    title: _Word
    created: datetime
    """When it was packed, by the packer's clock."""
    by: _Word
    """Who packed it; empty if nobody said."""
    machine: _Word
    """Where, by the name a person gave; empty if nobody did."""
    version: _Word
    """Version of Watchkeeper that packed it."""
    events: int
    """Events in it."""
    missing: int
    """Events that belong to the incident and were not kept in the case."""
    synthetic: bool
    originals: tuple[Original, ...]
    custody: str
    """SHA-256 of the last line of the chain of custody."""
    members: Annotated[tuple[Member, ...], Meta(max_length=1_000)]
    """In their order in the zip."""


def manifest_bytes(package: Package) -> bytes:
    """Write a manifest; the same one always gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(package), indent=1) + b"\n"


def read_manifest(content: bytes) -> Package:
    """Read a manifest.

    Raises:
        ValueError: it is none.
    """
    try:
        package = msgspec.json.decode(content, type=Package)
    except ValueError as error:
        raise ValueError(f"it cannot be understood: {error}") from error
    if package.created.tzinfo is None:
        raise ValueError("the time it was packed has no time zone")
    return package


def write_package(out: Path, package: Package, files: Mapping[str, Path], key: SecretKey | None) -> None:
    """Write a package; a file of that name is replaced once the new one is whole. Without a key it is not signed.

    Raises:
        OSError: a file cannot be read, or the package not written.
    """
    manifest = manifest_bytes(package)
    comment = f"watchkeeper evidence {package.incident[:32]} {package.created:%Y-%m-%dT%H:%M:%SZ}"
    signature = sign(hashed([manifest]), key, comment) if key else b""
    with replacing(out) as file:
        lay_out(file, manifest, signature, [(member, files[member.name]) for member in package.members])


def lay_out(into: IO[bytes], manifest: bytes, signature: bytes, members: list[tuple[Member, Path]]) -> None:
    """Write the zip that follows from these members: the manifest, its signature if there is one, then the others as listed."""
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in ((MANIFEST, manifest), (SIGNATURE, signature)):
            if content:
                archive.writestr(entry(name, is_packed=False), content)
        for member, path in members:
            one = entry(member.name, is_packed=False)
            one.file_size = member.size
            with path.open("rb") as source, archive.open(one, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)
