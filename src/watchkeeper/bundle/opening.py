"""Opening a bundle that anyone may have made. Owns the order in which it is believed: signature, bounds, manifest, members.

A signed bundle's zip is not even looked at before its signature is right, so that a changed byte anywhere is found at once.
"""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from watchkeeper.bundle.archive import Bounds, checked, content, opened
from watchkeeper.bundle.manifest import MANIFEST, MAX_BYTES, Manifest, Member, decoded
from watchkeeper.bundle.minisign import MOST_BYTES, UNTRUSTED, PublicKey, Signature, hashed, is_right, key_name, parse_signature
from watchkeeper.bundle.writing import chunks

BOUNDS = Bounds("member", archive_bytes=4 << 30, members=100_000, member_bytes=1 << 30, all_bytes=8 << 30)
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle that is whole."""

    path: Path
    manifest: Manifest
    digest: str
    """SHA-256 of the whole file, 64 hex digits."""
    signer: str
    """Id of the key that signed it, 16 hex digits; empty if nobody's signature was asked for and it has none that is trusted."""
    comment: str
    """What the signer said, signed too; empty without a trusted signature."""


def open_bundle(path: Path, keys: Sequence[PublicKey], *, unsigned_is_fine: bool = False) -> Opened:
    """See that a bundle is signed by one of the keys and whole.

    Raises:
        OSError: it cannot be read.
        ValueError: it is refused; the message says why.
    """
    if path.stat().st_size > BOUNDS.archive_bytes:
        raise _refused(path, f"it is larger than {BOUNDS.archive_bytes >> 30} GiB")
    try:
        signature = _signed_by(path, keys, unsigned_is_fine=unsigned_is_fine)
        manifest = _whole(path)
    except ValueError as error:
        raise _refused(path, str(error)) from error
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Opened(path, manifest, digest, key_name(signature.key_id) if signature else "", signature.comment if signature else "")


def extract(bundle: Path, members: Sequence[Member], into: Path) -> None:
    """Write members of a bundle into a folder and see that each is what the manifest says.

    Raises:
        OSError: the folder cannot be written.
        ValueError: a member is not what the manifest says; the folder may be half full.
    """
    with opened(bundle) as archive:
        for member in members:
            path = into / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                _check(archive, member, file)
                file.flush()
                os.fsync(file.fileno())


def _refused(path: Path, reason: str) -> ValueError:
    return ValueError(f"{str(path)!r} is refused: {reason}; nothing was changed, get the bundle anew from where you trust")


def _signed_by(path: Path, keys: Sequence[PublicKey], *, unsigned_is_fine: bool) -> Signature | None:
    """Give the signature if it is right and of a key that is trusted; none where that is fine."""
    with path.open("rb") as file:
        lines = _signature_lines(file)
        if not lines:
            if unsigned_is_fine:
                return None
            raise ValueError("it is not signed")
        signature = parse_signature(lines)
        name = key_name(signature.key_id)
        key = next((key for key in keys if key.id == signature.key_id), None)
        if key is None and unsigned_is_fine:
            return None
        if key is None:
            raise ValueError(f"it is signed with the key {name}, which is not trusted (`watchkeeper content trust KEY` trusts one)")
        if not is_right(signature, hashed(chunks(file)), key):
            raise ValueError(f"it was changed after it was signed, or not signed by the key {name} that it names")
    return signature


def _signature_lines(file: IO[bytes]) -> bytes:
    """Give the signature's lines, and leave the file where what they sign begins; nothing if there is none."""
    head = file.read(MOST_BYTES)
    if head.startswith(_ZIP):
        file.seek(0)
        return b""
    lines = head.split(b"\n", 4)
    if not head.startswith(UNTRUSTED.encode()) or len(lines) != 5 or not lines[4].startswith(_ZIP):
        raise ValueError("it is no bundle: it begins neither with a signature's four lines nor with a zip")
    size = len(head) - len(lines[4])
    file.seek(size)
    return head[:size]


def _whole(path: Path) -> Manifest:
    """Give the manifest once every member is what it says."""
    with opened(path) as archive:
        files = {info.filename: info for info in checked(archive.infolist(), BOUNDS, lambda _: True)}
        if MANIFEST not in files:
            raise ValueError(f"it has no {MANIFEST}")
        if files[MANIFEST].file_size > MAX_BYTES:
            raise ValueError(f"its manifest is larger than {MAX_BYTES >> 20} MiB")
        manifest = decoded(b"".join(content(archive, files[MANIFEST], BOUNDS)))
        listed = {MANIFEST, *(member.name for member in manifest.members)}
        if odd := sorted(listed ^ files.keys()):
            raise ValueError(f"{odd[0]!r} is {'not in it, though listed' if odd[0] in listed else 'in it and not listed'}")
        for member in manifest.members:
            _check(archive, member, None)
    return manifest


def _check(archive: zipfile.ZipFile, member: Member, into: IO[bytes] | None) -> None:
    digest, size = hashlib.sha256(), 0
    for chunk in content(archive, archive.getinfo(member.name), BOUNDS):
        digest.update(chunk)
        size += len(chunk)
        if size > member.size:
            break
        if into:
            into.write(chunk)
    if (size, digest.hexdigest()) != (member.size, member.sha256):
        raise ValueError(f"{member.name!r} is not what the manifest says")
