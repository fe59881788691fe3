"""Knowledge: ATT&CK's bundle into the folder of installed content, and out of it again. Owns where its catalogue lies.

It is one kind of content among others: crash-safe, with its origin and hash, the one before kept (`content_folder`). It comes alone,
or within a bundle of content.
"""

import hashlib
import shutil
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from watchkeeper.assets.compressed import read_whole
from watchkeeper.attack import Catalogue, catalogue, speaking, stix
from watchkeeper.attack.techniques import version_order
from watchkeeper.autopilot.content_folder import ATTACK, CATALOGUE, Current, Origin, current, in_force, incoming, kind_folder, put_in_force
from watchkeeper.bundle.manifest import Part


@dataclass(frozen=True, slots=True)
class Learnt:
    """What became of an import."""

    catalogue: Catalogue
    left_out: Counter[str]
    """Objects of the bundle that were left out, by reason."""
    now: Current
    """The version of the content that is in force."""
    is_new: bool
    """Whether anything was installed: the same bundle again changes nothing."""


def read_attack(path: Path, shown: str, version: str = "") -> stix.Imported:
    """Read a bundle of ATT&CK; `shown` is what messages call it, `version` is for one that does not say its own.

    Raises:
        OSError: it cannot be read.
        ValueError: it is refused, and the message says why.
    """
    try:
        return stix.read_bundle(read_whole(path, stix.MOST_BYTES), version)
    except ValueError as error:
        raise ValueError(f"{shown!r} is refused: {error}; nothing was changed") from error


def learn_attack(bundle: Path, folder: Path, moment: datetime, version: str = "") -> Learnt:
    """Install what a bundle says of ATT&CK; `version` is for a bundle that does not say its own.

    Raises:
        OSError: the bundle cannot be read or the folder cannot be written; what was in force stays.
        ValueError: the bundle is refused; what was in force stays, and the message says why.
    """
    imported = read_attack(bundle, str(bundle), version)
    origin = Origin(bundle.name, _digest(bundle), moment, "ATT&CK", imported.catalogue.version)
    before = in_force(folder)
    if before and ATTACK in before.kinds and _same(before.kinds[ATTACK], origin):
        return Learnt(imported.catalogue, imported.left_out, before, False)  # noqa: FBT003 -- a field of the answer
    return Learnt(imported.catalogue, imported.left_out, _install(folder, imported.catalogue, origin), True)  # noqa: FBT003 -- a field of the answer


def prepare_attack(filled: Path, parts: Sequence[Part]) -> None:
    """Make the catalogue of what a bundle of content has of ATT&CK, if it has any: of several files the newest version counts.

    A part's version is that of its files where they do not say one.

    Raises:
        OSError: a file cannot be read or the catalogue cannot be written.
        ValueError: a file of it is no ATT&CK.
    """
    given = [(path, part.version) for part in parts if part.kind == ATTACK for path in sorted((filled / ATTACK / part.name).rglob("*"))]
    found = [read_attack(path, path.relative_to(filled).as_posix(), version).catalogue for path, version in given if path.is_file()]
    if found:
        (filled / ATTACK / CATALOGUE).write_bytes(catalogue.to_bytes(max(found, key=version_order)))


def learnt_attack(folder: Path | None) -> Catalogue | None:
    """Give the catalogue in force; none if none was imported.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged.
    """
    place = kind_folder(folder, ATTACK) if folder else None
    return _read(place / CATALOGUE) if place and (place / CATALOGUE).exists() else None


def origin_of_attack(folder: Path) -> Origin | None:
    """Say where the catalogue in force came from; none if none was imported.

    Raises:
        OSError: the folder cannot be read.
        ValueError: it is damaged.
    """
    now = current(folder)
    return now.kinds.get(ATTACK) if now else None


@contextmanager
def attack_spoken(folder: Path | None) -> Generator[Catalogue | None]:
    """Let technique ids mean what the built-in table and the catalogue in force say together, and give that.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged.
    """
    known = learnt_attack(folder)
    with speaking(known):
        yield known


def _digest(bundle: Path) -> str:
    with bundle.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _same(old: Origin, new: Origin) -> bool:
    return (old.digest, old.version) == (new.digest, new.version)


def _install(folder: Path, learnt: Catalogue, origin: Origin) -> Current:
    place = incoming(folder)
    try:
        filled = place / "filled"
        (filled / ATTACK).mkdir(parents=True)
        (filled / ATTACK / CATALOGUE).write_bytes(catalogue.to_bytes(learnt))
        return put_in_force(folder, filled, {ATTACK: origin})
    finally:
        shutil.rmtree(place, ignore_errors=True)


@lru_cache(maxsize=2)
def _read(path: Path) -> Catalogue:
    """Read a catalogue once: a version's files are never changed."""
    try:
        return catalogue.from_bytes(read_whole(path, catalogue.MOST_BYTES))
    except ValueError as error:
        raise ValueError(f"{str(path)!r} is damaged: {error}; `watchkeeper knowledge import BUNDLE` installs it anew") from error
