"""Writing a bundle: the same content gives the same bytes. Owns the file's layout: a signature's four lines if it is signed, then a zip.

The zip's members stand in a fixed order with a fixed time, the manifest first. Another build of zlib may pack them otherwise.
"""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from watchkeeper.bundle.manifest import MANIFEST, Manifest, Member, encoded
from watchkeeper.bundle.minisign import hashed

Sign = Callable[[bytes], bytes]
"""Gives the signature's lines for a hash; nothing for a bundle that is not signed."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PACKED = (".gz", ".zst", ".zip", ".xz", ".bz2")
"""What packing makes no smaller."""
_CHUNK = 1 << 20


def described(name: str, path: Path) -> Member:
    """Give a file's size and hash.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Member(name, path.stat().st_size, digest)


def write_bundle(out: Path, manifest: Manifest, files: Mapping[str, Path], sign: Sign) -> None:
    """Write a bundle; a file of that name is replaced once the new one is whole.

    Raises:
        OSError: a file cannot be read, or the bundle not written.
    """
    with replacing(out) as whole, tempfile.TemporaryFile(dir=out.parent) as packed:
        _pack(packed, manifest, files)
        packed.seek(0)
        whole.write(sign(hashed(chunks(packed))))
        packed.seek(0)
        shutil.copyfileobj(packed, whole, _CHUNK)


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Give what is left of a file in pieces."""
    while chunk := file.read(_CHUNK):
        yield chunk


def _pack(into: IO[bytes], manifest: Manifest, files: Mapping[str, Path]) -> None:
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr(entry(MANIFEST), encoded(manifest), compresslevel=9)
        for member in manifest.members:
            one = entry(member.name)
            one.file_size = member.size
            with files[member.name].open("rb") as source, archive.open(one, "w") as target:
                shutil.copyfileobj(source, target, _CHUNK)


def entry(name: str, *, is_packed: bool = True) -> zipfile.ZipInfo:
    """Give a member's entry, with nothing in it that differs from one machine or time to another."""
    one = zipfile.ZipInfo(name, _EPOCH)
    one.create_system = 3
    one.external_attr = 0o100644 << 16
    one.compress_type = zipfile.ZIP_DEFLATED if is_packed and not name.endswith(_PACKED) else zipfile.ZIP_STORED
    return one


@contextmanager
def replacing(out: Path) -> Generator[IO[bytes]]:
    """Give a file to write that takes the place of another once it is whole."""
    handle, written = tempfile.mkstemp(prefix=f".{out.name}-", dir=out.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(written).chmod(0o644)
        Path(written).replace(out)
    except BaseException:
        Path(written).unlink(missing_ok=True)
        raise
