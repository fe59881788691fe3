"""Checking an evidence package that anyone may have made. Owns what is looked at, in which order, and naming what does not hold."""

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from watchkeeper.bundle.archive import checked, content, opened
from watchkeeper.bundle.custody import MOST_BYTES as MOST_CHAIN
from watchkeeper.bundle.custody import deeds, head
from watchkeeper.bundle.manifest import MANIFEST, MAX_BYTES, Member
from watchkeeper.bundle.minisign import MOST_BYTES, PublicKey, hashed, is_right, key_name, parse_signature
from watchkeeper.bundle.package import BOUNDS, CUSTODY, SIGNATURE, Package, lay_out, read_manifest
from watchkeeper.bundle.writing import chunks


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    part: str
    """A member's name, or `zip`, `signature`, `order`, `layout`."""
    holds: bool
    said: str
    """What was found, in words."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a package holds, and what of it holds."""

    findings: tuple[Finding, ...]
    package: Package | None
    """What it says of itself; none if that cannot be read."""
    signer: str
    """Id of the key whose signature is right and trusted; empty if there is none."""

    @property
    def holds(self) -> bool:
        """Whether everything that was looked at holds; a package that nobody signed can hold all the same."""
        return all(finding.holds for finding in self.findings)


def check_package(path: Path, keys: Sequence[PublicKey], *, must_be_signed: bool = False) -> Checked:
    """Look at everything in a package; nothing in it is believed before it is checked. One without a signature is whole at best.

    Raises:
        OSError: the file cannot be read.
    """
    if path.stat().st_size > BOUNDS.archive_bytes:
        return _unread(Finding("zip", holds=False, said=f"it is larger than {BOUNDS.archive_bytes >> 30} GiB"))
    try:
        with opened(path) as archive:
            infos = checked(archive.infolist(), BOUNDS, lambda _: True)
            done = _checked(path, archive, infos, keys)
    except ValueError as error:
        return _unread(Finding("zip", holds=False, said=str(error)))
    if must_be_signed and not done.signer:
        return replace(done, findings=(*done.findings, Finding("signature", holds=False, said="the key that was named did not sign it")))
    return done


def _unread(finding: Finding) -> Checked:
    return Checked((finding,), None, "")


def _checked(path: Path, archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo], keys: Sequence[PublicKey]) -> Checked:
    files = {info.filename: info for info in infos}
    try:
        manifest = _small(archive, files, MANIFEST, MAX_BYTES)
        package = read_manifest(manifest)
    except ValueError as error:
        return _unread(Finding(MANIFEST, holds=False, said=str(error)))
    found = [Finding("zip", holds=True, said=f"{len(files):,} members, no name that leads out, none twice, none too large")]
    signature, signer = _signature(archive, files, manifest, keys)
    found.append(signature)
    found += _members(archive, files, package)
    found.append(_custody(archive, files, package))
    found.append(_order(infos, package, is_signed=SIGNATURE in files))
    if all(finding.holds for finding in found):
        found.append(_layout(path, archive, files, manifest, package))
    return Checked(tuple(found), package, signer)


def _small(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], name: str, most: int) -> bytes:
    if name not in files:
        raise ValueError("it is not there")
    if files[name].file_size > most:
        raise ValueError(f"it is larger than {most:,} bytes")
    return b"".join(content(archive, files[name], BOUNDS))


def _signature(
    archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], manifest: bytes, keys: Sequence[PublicKey]
) -> tuple[Finding, str]:
    if SIGNATURE not in files:
        return Finding("signature", holds=True, said="NOT SIGNED: it is whole, but anyone could have made it"), ""
    try:
        signature = parse_signature(_small(archive, files, SIGNATURE, MOST_BYTES))
    except ValueError as error:
        return Finding(SIGNATURE, holds=False, said=str(error)), ""
    name = key_name(signature.key_id)
    key = next((key for key in keys if key.id == signature.key_id), None)
    if key is None:
        said = f"it is signed with the key {name}, which is not trusted here: --key names it, `watchkeeper content trust KEY` trusts it"
        return Finding("signature", holds=False, said=said), ""
    if not is_right(signature, hashed([manifest]), key):
        said = f"{MANIFEST} was changed after it was signed, or it was not signed by the key {name} that it names"
        return Finding(MANIFEST, holds=False, said=said), ""
    return Finding("signature", holds=True, said=f"signed by {name}; the signer says: {signature.comment}"), name


def _members(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], package: Package) -> Iterator[Finding]:
    for member in package.members:
        yield _member(archive, files.get(member.name), member)
    for name in sorted(files.keys() - {MANIFEST, SIGNATURE, *(member.name for member in package.members)}):
        yield Finding(name, holds=False, said="it was added: the manifest does not list it")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo | None, member: Member) -> Finding:
    if info is None:
        return Finding(member.name, holds=False, said="it is missing: the manifest lists it")
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in content(archive, info, BOUNDS):
            digest.update(chunk)
            size += len(chunk)
    except ValueError as error:
        return Finding(member.name, holds=False, said=f"it was changed: {error}")
    if (size, digest.hexdigest()) != (member.size, member.sha256):
        return Finding(member.name, holds=False, said="it was changed: its bytes are not those that the manifest names")
    return Finding(member.name, holds=True, said=f"{size:,} bytes, SHA-256 {member.sha256}")


def _custody(archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], package: Package) -> Finding:
    try:
        chain = _small(archive, files, CUSTODY, MOST_CHAIN)
        lines = deeds(chain)
    except ValueError as error:
        return Finding(CUSTODY, holds=False, said=str(error))
    if head(chain) != package.custody:
        return Finding(CUSTODY, holds=False, said="its last line is not the one that the manifest names")
    return Finding(CUSTODY, holds=True, said=f"{len(lines):,} lines, each bound to the one before")


def _order(infos: Sequence[zipfile.ZipInfo], package: Package, *, is_signed: bool) -> Finding:
    wanted = [MANIFEST, *([SIGNATURE] if is_signed else []), *(member.name for member in package.members)]
    names = [info.filename for info in infos]
    if names == wanted:
        return Finding("order", holds=True, said="members stand as the manifest lists them")
    first = next((name for name, want in zip(names, wanted, strict=False) if name != want), "the end")
    return Finding("order", holds=False, said=f"{first!r} does not stand where the manifest lists it")


def _layout(path: Path, archive: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], manifest: bytes, package: Package) -> Finding:
    """Write the zip anew from what is in it, and compare every byte."""
    signature = _small(archive, files, SIGNATURE, MOST_BYTES) if SIGNATURE in files else b""
    with tempfile.TemporaryDirectory() as desk, tempfile.TemporaryFile() as anew:
        placed = [(member, Path(desk) / str(number)) for number, member in enumerate(package.members)]
        for member, place in placed:
            with place.open("wb") as file:
                file.writelines(content(archive, files[member.name], BOUNDS))
        lay_out(anew, manifest, signature, placed)
        at = _differs(path, anew)
        if at is None:
            return Finding("layout", holds=True, said="every byte between the members is as it was written")
        with zipfile.ZipFile(anew) as whole:
            starts = sorted((info.header_offset, info.filename) for info in whole.infolist())
            inside = at < whole.start_dir
    name = next(name for start, name in reversed(starts) if start <= at) if inside else ""
    where = f"in the head of {name!r}" if name else "in the list of members at its end"
    return Finding(name or "layout", holds=False, said=f"byte {at:,} was changed, {where}")


def _differs(path: Path, anew: IO[bytes]) -> int | None:
    """Give the place of the first byte that differs; none if all are the same."""
    anew.seek(0)
    place = 0
    with path.open("rb") as file:
        for ours in chunks(anew):
            theirs = file.read(len(ours))
            if ours != theirs:
                return place + next((at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other), len(theirs))
            place += len(ours)
        return place if file.read(1) else None
