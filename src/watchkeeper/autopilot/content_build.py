"""Building a bundle of content from a recipe. Owns which files of each part go in, and what changed since the bundle before."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.autopilot.content_changes import LOOKED_INTO, Side, changes, exploited_ids
from watchkeeper.autopilot.content_folder import ATTACK, KEV, LOG_SOURCES, RULES, WARNING_LISTS
from watchkeeper.autopilot.knowledge import read_attack
from watchkeeper.autopilot.rule_archive import is_wanted, unpack
from watchkeeper.autopilot.ruleset_update import broken_rules, difference
from watchkeeper.bundle.archive import is_safe
from watchkeeper.bundle.manifest import FORMAT, Changes, Manifest, Member, Part
from watchkeeper.bundle.minisign import SecretKey, sign
from watchkeeper.bundle.opening import BOUNDS, Opened, extract, open_bundle
from watchkeeper.bundle.recipe import Asked, Recipe
from watchkeeper.bundle.writing import Sign, described, write_bundle
from watchkeeper.detection import RuleSet, load_rules
from watchkeeper.detection.intel.warninglists import read_warninglists
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.review import Finding


@dataclass(frozen=True, slots=True)
class Built:
    """What was built."""

    bundle: Opened
    left_out: Mapping[str, int]
    """How many files of each part did not go in, because its kind does not want them."""
    broken: tuple[Finding, ...]
    """Why rules in it do not run."""


@dataclass(frozen=True, slots=True)
class _Gathered:
    part: Part
    files: Mapping[str, Path]
    left_out: int


def build(
    recipe: Recipe, out: Path, created: datetime, key: SecretKey | None = None, previous: Opened | None = None, *, force: bool = False
) -> Built:
    """Write a bundle, signed if there is a key; the same files, recipe, time and key give the same bytes.

    Raises:
        OSError: a file cannot be read, or the bundle not written.
        ValueError: a part is not what its kind wants; the message says which and why.
    """
    with tempfile.TemporaryDirectory() as desk:
        gathered = [_gathered(asked, Path(desk) / "new") for asked in recipe.parts]
        files = {name: path for one in gathered for name, path in one.files.items()}
        members = tuple(described(name, files[name]) for name in sorted(files))
        _check_size(members)
        broken, told = _looked_through(members, files, previous, Path(desk), force=force)
        parts = tuple(sorted((one.part for one in gathered), key=lambda part: (part.kind, part.name)))
        before = previous.digest if previous else ""
        called = recipe.called(created)
        manifest = Manifest(FORMAT, recipe.name, called, created.astimezone(UTC), parts, members, before, told)
        write_bundle(out, manifest, files, _signing(key, f"watchkeeper content {recipe.name} {called}"))
    whole = open_bundle(out, (key.public,)) if key else open_bundle(out, (), unsigned_is_fine=True)
    return Built(whole, {one.part.name: one.left_out for one in gathered if one.left_out}, broken)


def _signing(key: SecretKey | None, comment: str) -> Sign:
    return (lambda digest: sign(digest, key, comment)) if key else (lambda _: b"")


def _gathered(asked: Asked, desk: Path) -> _Gathered:
    """Find the files of a part; rules stand on the desk, what else is in a folder stays where it is."""
    path, part = Path(asked.path), asked.part()
    folder = desk / part.kind / part.name
    left_out = 0
    if part.kind == RULES and path.suffix.lower() == ".zip":
        left_out = unpack(path, folder).left_out
        path = folder
    found = dict(_files(path))
    if part.kind == RULES:
        wanted = {name: file for name, file in found.items() if is_wanted(name)}
        left_out += len(found) - len(wanted)
        found = wanted
    if not found:
        raise ValueError(f"{asked.path!r} holds no file of the kind {part.kind!r}")
    if part.kind == WARNING_LISTS:
        read_warninglists(path)
    return _Gathered(part, {f"{part.kind}/{part.name}/{name}": file for name, file in found.items()}, left_out)


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    """Give the files of a folder by their name in it, or the one file; links are refused, they may lead anywhere."""
    if path.is_file():
        yield path.name, path
        return
    if not path.is_dir():
        raise FileNotFoundError(f"there is no file or folder {str(path)!r}")
    for place, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(files):
            file = Path(place) / name
            inside = file.relative_to(path).as_posix()
            if file.is_symlink() or not file.is_file():
                raise ValueError(f"{str(file)!r} is a link or a device; put the file itself there")
            if not is_safe(inside):
                raise ValueError(f"{str(file)!r} has a name that cannot be a file's everywhere; rename it")
            yield inside, file


def _check_size(members: Sequence[Member]) -> None:
    """Refuse what no one could install.

    Raises:
        ValueError: there is too much.
    """
    large = next((member.name for member in members if member.size > BOUNDS.member_bytes), None)
    if large:
        raise ValueError(f"{large!r} is larger than {BOUNDS.member_bytes >> 20} MiB")
    if len(members) > BOUNDS.members - 1 or sum(member.size for member in members) > BOUNDS.all_bytes:
        raise ValueError(f"that is more than {BOUNDS.members - 1:,} files or {BOUNDS.all_bytes >> 30} GiB; make two bundles of it")


def _looked_through(
    members: Sequence[Member], files: Mapping[str, Path], previous: Opened | None, desk: Path, *, force: bool
) -> tuple[tuple[Finding, ...], Changes]:
    """Load what can be judged, so that nobody gets a bundle of it that is broken, and compare it with the bundle before."""
    for name in (member.name for member in members if member.kind in LOOKED_INTO):
        target = desk / "new" / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(files[name], target)
    rules = desk / "new" / RULES
    new = load_rules((rules,)) if rules.is_dir() else RuleSet(())
    broken = broken_rules("the recipe", rules, new, force=force) if rules.is_dir() else ()
    exploited_ids(desk / "new" / member.name for member in members if member.kind == KEV)
    log_sources(*(files[member.name] for member in members if member.kind == LOG_SOURCES))
    for member in members:
        if member.kind == ATTACK:
            read_attack(files[member.name], member.name)
    if previous is None:
        return broken, Changes()
    olds = previous.manifest.members
    (desk / "old" / RULES).mkdir(parents=True)
    extract(previous.path, [member for member in olds if member.kind in LOOKED_INTO], desk / "old")
    old = load_rules((desk / "old" / RULES,))
    return broken, changes(Side(olds, desk / "old"), Side(members, desk / "new"), difference(old, new))
