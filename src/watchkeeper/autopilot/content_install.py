"""Installing a bundle of content: all of it or none. Owns what is refused, and where each kind goes.

A bundle replaces the kinds it holds; other kinds, and the person's own rules and filters, stay.
What it has of intelligence is imported just before it is in force: who installs it again after a crash does all of it again.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from watchkeeper.autopilot.content_changes import Side, changes, installed_side
from watchkeeper.autopilot.content_folder import (
    INTEL,
    LOG_SOURCES,
    RULES,
    Current,
    Origin,
    in_force,
    incoming,
    put_in_force,
)
from watchkeeper.autopilot.content_intel import Received, receive, sources
from watchkeeper.autopilot.knowledge import prepare_attack
from watchkeeper.autopilot.ruleset_update import NO_DIFFERENCE, judge
from watchkeeper.bundle.manifest import Changes
from watchkeeper.bundle.minisign import PublicKey
from watchkeeper.bundle.opening import Opened, extract, open_bundle
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.review import Finding

_CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a person insists on."""

    unsigned: bool = False
    """A bundle that no trusted key signed."""
    any_age: bool = False
    """A bundle that is no newer than what is installed, or from the future."""
    broken: bool = False
    """A bundle many of whose rules cannot run."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What became of a bundle."""

    bundle: Opened
    now: Current
    """The version in force."""
    is_new: bool
    """Whether anything was installed: the same bundle again changes nothing."""
    changes: Changes
    """What is other than what was in force here before, in the kinds that the bundle holds."""
    broken: tuple[Finding, ...]
    """Why rules do not run."""
    received: Received | None
    """What became of its intelligence; none if nothing was installed."""


def install(bundle: Path, folder: Path, state: Path, moment: datetime, keys: Sequence[PublicKey], allowed: Allowed) -> Installed:
    """Make the content of a bundle the version in force.

    Raises:
        OSError: the bundle cannot be read or a folder cannot be written; the version in force stays, though the intelligence may be new.
        ValueError: the bundle is refused; the version in force stays, and the message says why.
    """
    opened = open_bundle(bundle, keys, unsigned_is_fine=allowed.unsigned)
    before = in_force(folder)
    if before is not None and _is_there(opened, before):
        return Installed(opened, before, False, Changes(), (), None)  # noqa: FBT003 -- a field of the answer
    if not allowed.any_age:
        _check_age(opened, before, moment)
    place = incoming(folder)
    try:
        ours = shutil.copyfile(bundle, place / "bundle")  # nobody can change it between the check and the unpacking
        if open_bundle(ours, keys, unsigned_is_fine=allowed.unsigned).digest != opened.digest:
            raise ValueError(f"{str(bundle)!r} was changed while it was read; nothing was changed here, get the bundle anew")
        filled = place / "filled"
        extract(ours, opened.manifest.members, filled)
        changes, broken = _changes(folder, filled, opened, force=allowed.broken)
        origin = before.kinds.get(INTEL) if before else None
        received = receive(filled, opened.manifest.parts, origin.sources if origin else (), state, moment)
        now = put_in_force(folder, filled, _origins(opened, moment))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return Installed(opened, now, True, changes, broken, received)  # noqa: FBT003 -- a field of the answer


def _is_there(opened: Opened, before: Current) -> bool:
    kinds = {member.kind for member in opened.manifest.members}
    return all(
        kind in before.kinds and (before.kinds[kind].digest, before.kinds[kind].signer) == (opened.digest, opened.signer) for kind in kinds
    )


def _check_age(opened: Opened, before: Current | None, moment: datetime) -> None:
    """Refuse what would take the content back in time.

    Raises:
        ValueError: the bundle is no newer than what is installed, or from the future.
    """
    manifest, reason = opened.manifest, ""
    if manifest.created > moment + _CLOCKS_DIFFER:
        reason = "later than the clock here says it is; see which clock is right"
    for kind in sorted({member.kind for member in manifest.members}):
        origin = before.kinds.get(kind) if before else None
        if origin and origin.created and manifest.created <= origin.created and origin.digest != opened.digest:
            reason = f"no later than the {kind} that is installed ({origin.version}, {origin.created:%Y-%m-%d %H:%M:%S} UTC)"
            break
    if reason:
        said = f"it was built at {manifest.created:%Y-%m-%d %H:%M:%S} UTC, {reason}"
        raise ValueError(f"{str(opened.path)!r} is refused: {said}; nothing was changed, --any-age installs it all the same")


def _changes(folder: Path, filled: Path, opened: Opened, *, force: bool) -> tuple[Changes, tuple[Finding, ...]]:
    """Say what the bundle changes here, once what every run would read has been read.

    Raises:
        OSError: a file cannot be read.
        ValueError: too many of its rules cannot run, or a list or table is not of its form.
    """
    members = opened.manifest.members
    prepare_attack(filled, opened.manifest.parts)
    log_sources(*(filled / member.name for member in members if member.kind == LOG_SOURCES))
    rules = filled / RULES
    judged = judge(folder, rules, opened.path.name, force=force) if rules.is_dir() else None
    before = in_force(folder)
    old = installed_side(folder, before, frozenset(member.kind for member in members))
    return changes(old, Side(members, filled), judged.difference if judged else NO_DIFFERENCE), judged.broken if judged else ()


def _origins(opened: Opened, moment: datetime) -> dict[str, Origin]:
    manifest = opened.manifest
    origin = Origin(
        opened.path.name, opened.digest, moment, manifest.name, manifest.version, manifest.created.astimezone(UTC), opened.signer
    )
    origins = {member.kind: origin for member in manifest.members}
    return origins | ({INTEL: replace(origin, sources=sources(manifest.parts))} if INTEL in origins else {})
