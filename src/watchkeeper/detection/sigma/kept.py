"""Keeping what rule files come to, so that only what changed is translated again. Owns a folder of the user alone and the files in it.

One shelf for each path that rules were loaded from:

    32 bytes      what made it: our own source, and the versions of what rules are read with
    32 bytes      digest of the rest
    MessagePack   digest of the whole file if the path is one; then, for each rule file, its path, digest of its content, what it comes to

A shelf made otherwise, damaged or too large is as good as none. It is written under another name and then renamed, so that processes may
share the folder. See docs/decisions/0006.
"""

import gc
import hashlib
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path, PurePath
from stat import S_ISDIR

import msgspec

from watchkeeper.detection.sigma.files import RuleFile, Unread, rule_files
from watchkeeper.detection.sigma.translated import Translated, is_movable, moved

MAX_SHELF_BYTES = 256 * 1024 * 1024
"""A shelf larger than this is neither written nor read."""
MAX_FOLDER_BYTES = 512 * 1024 * 1024
"""Shelves beyond this go, those first that were not used for longest."""
MAX_SHELVES = 64
"""Shelves beyond this go, those first that were not used for longest."""
_PACKAGES = ("google_re2-", "msgspec-", "pysigma-", "pyyaml-", "regex-", "watchkeeper-")
MAX_ASKED = 8
"""Shelves of other paths that are looked through for what a new path holds."""
DIGEST_BYTES = 32
"""Size of each digest."""

Translate = Callable[[RuleFile | Unread], Translated]


class _Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one rule file comes to."""

    path: str
    digest: bytes
    """Of its content; empty if it could not be read."""
    content: Translated


class _Shelf(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the rule files of one path come to, in their order."""

    whole: bytes = b""
    """Digest of the path's own content if it is a file, such as an archive, and each file in it is here."""
    entries: tuple[_Entry, ...] = ()


_DECODER = msgspec.msgpack.Decoder(_Shelf)
_ENTRY = msgspec.msgpack.Decoder(_Entry)
_ENCODER = msgspec.msgpack.Encoder()


class Kept:
    """What rule files came to when they were last read."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder, which is made if it is not there; without one, nothing is kept."""
        self._problems: list[str] = []
        self._folder = folder if folder is not None and self._is_ours(folder) else None

    @property
    def problems(self) -> tuple[str, ...]:
        """Why things cannot be kept, if so; rules load all the same."""
        return tuple(self._problems)

    def translated(self, path: Path, translate: Translate, beside: bytes = b"") -> Sequence[Translated]:
        """Give what each rule file of a folder, file or archive comes to, in the order of `rule_files`; only what is new is translated.

        Whatever else decides what files come to, such as values that a person gives for placeholders, must be in `beside`.

        Raises:
            FileNotFoundError: the path does not exist.
            PermissionError: the path may not be read.
        """
        if self._folder is None:
            return [translate(file) for file in rule_files(path)]
        place = self._folder / f"{_name(path, beside)}.shelf"
        old = _read(place)
        with suppress(OSError):  # gone, or not to be written: that is said when it is written
            os.utime(place)
        whole = _digest_of_file(path, beside) if path.is_file() else b""
        if whole and whole == old.whole:
            return [entry.content for entry in old.entries]
        entries = list(_entries(path, old, translate, beside, () if old.entries else self._elsewhere()))
        lasting = tuple(entry for entry in entries if entry.digest)
        if len(lasting) < len(entries) or (whole and whole != _digest_of_file(path, beside)):
            whole = b""
        if whole != old.whole or [_key(entry) for entry in lasting] != [_key(entry) for entry in old.entries]:
            self._write(place, _Shelf(whole, lasting))
        return [entry.content for entry in entries]

    def _elsewhere(self) -> Iterator[_Shelf]:
        """Yield shelves of other paths, those first that were used last: rules move, as with each update that is unpacked."""
        places = _by_use(self._folder) if self._folder is not None else []
        yield from map(_read, [place for _, _, place in places][:MAX_ASKED])

    def _is_ours(self, folder: Path) -> bool:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = folder.lstat()
        except OSError as error:
            return self._unkept(folder, error.strerror or str(error))
        if not S_ISDIR(found.st_mode):
            return self._unkept(folder, "it is a link or a file; name a folder")
        if os.name == "posix" and (found.st_uid != os.geteuid() or found.st_mode & 0o077):
            return self._unkept(folder, "others may enter it; give it to yourself alone (chmod 700), or remove it")
        return True

    def _unkept(self, folder: Path, reason: str) -> bool:
        self._problems.append(f"translated rules are not kept in {str(folder)!r}, so that loading takes longer: {reason}")
        return False

    def _write(self, place: Path, shelf: _Shelf) -> None:
        body = _ENCODER.encode(shelf)
        if len(body) > MAX_SHELF_BYTES:
            self._unkept(place.parent, f"{len(body):,} bytes for one path are more than the {MAX_SHELF_BYTES:,} that are kept")
            return
        part = place.with_suffix(f".{os.urandom(8).hex()}.part")
        try:
            try:
                with open(part, "xb", opener=_private) as stream:
                    stream.write(_made_by() + digest_of(body) + body)
                part.replace(place)
            finally:
                part.unlink(missing_ok=True)
            _evict(place.parent)
        except OSError as error:
            self._unkept(place.parent, error.strerror or str(error))


def _name(path: Path, beside: bytes) -> str:
    return digest_of(b"\0".join((os.fsencode(path), os.fsencode(path.resolve()))), beside).hex()


def _entries(path: Path, old: _Shelf, translate: Translate, beside: bytes, others: Iterable[_Shelf]) -> Iterator[_Entry]:
    """Yield what each rule file comes to; the digest is empty where that is not to be kept."""
    known = {_key(entry): entry for entry in old.entries}
    elsewhere = {(_stem(entry.path), entry.digest): entry for shelf in others for entry in shelf.entries if is_movable(entry.content)}
    for file in rule_files(path):
        if isinstance(file, Unread):
            yield _Entry(file.path, b"", translate(file))
            continue
        digest = digest_of(file.content, beside)
        if (file.path, digest) in known:
            yield known[file.path, digest]
        elif elsewhere and (same := elsewhere.get((_stem(file.path), digest))):
            yield _Entry(file.path, digest, moved(same.content, file.path))
        else:
            entry = _Entry(file.path, digest, translate(file))
            yield entry if _comes_back(entry) else _Entry(file.path, b"", entry.content)


def _stem(path: str) -> str:
    return PurePath(path).stem


def _key(entry: _Entry) -> tuple[str, bytes]:
    return entry.path, entry.digest


def _comes_back(entry: _Entry) -> bool:
    """Say whether it is read back as it was written; a number of a hundred digits is not, for one."""
    try:
        return _ENTRY.decode(_ENCODER.encode(entry)) == entry
    except (ValueError, OverflowError, RecursionError):  # a DecodeError is a ValueError
        return False


def _read(place: Path) -> _Shelf:
    """Give the shelf, an empty one if there is none that can be trusted."""
    try:
        if place.stat().st_size > MAX_SHELF_BYTES + 2 * DIGEST_BYTES:
            return _Shelf()
        content = place.read_bytes()
    except OSError:  # not there, just evicted, or unreadable: made anew, and where that cannot be written it is said
        return _Shelf()
    body = memoryview(content)[2 * DIGEST_BYTES :]
    if content[:DIGEST_BYTES] != _made_by() or content[DIGEST_BYTES : 2 * DIGEST_BYTES] != digest_of(body):
        return _Shelf()
    try:
        with _uncollected():
            return _DECODER.decode(body)
    except (ValueError, RecursionError):  # a DecodeError is a ValueError
        return _Shelf()


@contextmanager
def _uncollected() -> Generator[None]:
    """Make many lasting objects without the garbage collector looking through all of them again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _evict(folder: Path) -> None:
    """Remove the shelves not used for longest, and what processes that died left behind, until the rest is within bounds."""
    total = 0
    for place, (_, size, path) in enumerate(_by_use(folder), 1):
        total += size
        if total > MAX_FOLDER_BYTES or place > MAX_SHELVES:
            path.unlink(missing_ok=True)


def _by_use(folder: Path) -> list[tuple[int, int, Path]]:
    """Give when each file was last used, its size and itself, the last used first."""
    found: list[tuple[int, int, Path]] = []
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        with suppress(FileNotFoundError):  # another process may have evicted it
            seen = path.stat()
            found.append((seen.st_mtime_ns, seen.st_size, path))
    return sorted(found, reverse=True)


@cache
def _made_by() -> bytes:
    """Give a digest of all that decides what a rule file comes to, beside its content."""
    digest = hashlib.blake2b(sys.version.encode(), digest_size=DIGEST_BYTES)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(digest_of(path.read_bytes()))
    names = [entry.name for folder in filter(os.path.isdir, sys.path) for entry in os.scandir(folder) if entry.name.endswith(".dist-info")]
    digest.update(repr(sorted(name for name in names if name.lower().startswith(_PACKAGES))).encode())
    return digest.digest()


def digest_of(content: bytes | memoryview, beside: bytes = b"") -> bytes:
    """Give the digest by which content is known, together with what else decides what it comes to."""
    return _with(hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest(), beside)


def _digest_of_file(path: Path, beside: bytes) -> bytes:
    with path.open("rb") as stream:
        return _with(hashlib.file_digest(stream, "blake2b").digest(), beside)


def _with(digest: bytes, beside: bytes) -> bytes:
    return hashlib.blake2b(digest + beside, digest_size=DIGEST_BYTES).digest() if beside else digest


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
