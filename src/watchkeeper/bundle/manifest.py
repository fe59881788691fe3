"""The manifest of a bundle: what is in it, whose it is, and what changed since the last. Owns its shape and what a sound one is."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from watchkeeper.bundle.archive import is_safe
from watchkeeper.model.indicator import Tlp

MANIFEST = "manifest.json"
FORMAT = 1
MAX_BYTES = 64 << 20
"""A larger manifest is refused; 100,000 members take a third of it."""

Kind = Literal["rules", "intel", "attack", "kev", "cve", "warninglists", "lexicon", "logsources"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Sigma rules; intelligence to import; ATT&CK; vulnerabilities known to be exploited; all of them; what is no indicator; words;
log sources."""

_Word = Annotated[str, Meta(max_length=500)]
_NAME = re.compile(r"[a-zA-Z0-9][\w.+-]{0,99}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where some of the content comes from."""

    name: str
    """Its folder's name within its kind."""
    kind: Kind
    licence: _Word
    """SPDX id or the terms' name."""
    version: _Word = ""
    """As its publisher counts; empty if the publisher does not."""
    source: _Word = ""
    """Who says so, for intelligence."""
    confidence: Annotated[int, Meta(ge=0, le=100)] | None = None
    """How far the source is believed, for intelligence; none if nobody said."""
    tlp: Tlp = ""
    """Whom it may be shown to, for intelligence: Traffic Light Protocol 2.0; empty if nobody said."""


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file."""

    name: str
    """`kind/part/path`, the path with slashes."""
    size: int
    """Bytes."""
    sha256: str
    """64 hex digits."""

    @property
    def kind(self) -> str:
        """The folder it is in."""
        return self.name.partition("/")[0]


class Changes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one content has that another has not."""

    added: tuple[str, ...] = ()
    """Members that are new."""
    changed: tuple[str, ...] = ()
    """Members whose bytes are others."""
    removed: tuple[str, ...] = ()
    """Members that are gone."""
    rules_added: tuple[str, ...] = ()
    """Ids of rules."""
    rules_changed: tuple[str, ...] = ()
    """Ids of rules that mean something else now."""
    rules_removed: tuple[str, ...] = ()
    """Ids of rules."""
    exploited_added: tuple[str, ...] = ()
    """CVE ids that are newly known to be exploited."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a bundle says of itself."""

    format: Literal[1]
    name: str
    """Which series of bundles it belongs to."""
    version: _Word
    """What people call this one."""
    created: datetime
    """When it was built, by the builder's clock; the later of two is the newer."""
    parts: tuple[Part, ...]
    members: tuple[Member, ...]
    """By name."""
    previous: str = ""
    """SHA-256 of the whole file of the bundle that the changes are counted from; empty if there is none."""
    changes: Changes = Changes()


def encoded(manifest: Manifest) -> bytes:
    """Write a manifest; the same one always gives the same bytes."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decoded(content: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        ValueError: it is none, or it contradicts itself.
    """
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except ValueError as error:
        raise ValueError(f"its manifest cannot be understood: {error}") from error
    if fault := _fault(manifest):
        raise ValueError(f"its manifest is wrong: {fault}")
    return manifest


def is_name(text: str) -> bool:
    """Say whether a bundle or a part may be called so."""
    return _NAME.fullmatch(text) is not None


def since(before: Sequence[Member], now: Sequence[Member]) -> Changes:
    """Compare files with those of another bundle."""
    old, new = ({member.name: member.sha256 for member in side} for side in (before, now))
    return Changes(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(name for name in new.keys() & old.keys() if new[name] != old[name])),
        removed=tuple(sorted(old.keys() - new.keys())),
    )


def _fault(manifest: Manifest) -> str:
    if manifest.created.tzinfo is None:
        return "the time it was created has no time zone"
    if not is_name(manifest.name) or (manifest.previous and not _DIGEST.fullmatch(manifest.previous)):
        return "its name or the previous bundle's hash is not written as such"
    if not manifest.members:
        return "it lists no member"
    if wrong := next((part.name for part in manifest.parts if not is_name(part.name)), None):
        return f"{wrong[:100]!r} cannot be a part's name"
    return _fault_of_members(manifest)


def _fault_of_members(manifest: Manifest) -> str:
    folders = {f"{part.kind}/{part.name}" for part in manifest.parts}
    if len(folders) != len(manifest.parts):
        return "a part is listed twice"
    names = {member.name.casefold() for member in manifest.members}
    if len(names) != len(manifest.members):
        return "a member is listed twice"
    for member in manifest.members:
        kind, _, rest = member.name.partition("/")
        part, _, path = rest.partition("/")
        if not is_safe(member.name) or not path or f"{kind}/{part}" not in folders:
            return f"{member.name[:200]!r} is no file of one of its parts"
        if member.size < 0 or not _DIGEST.fullmatch(member.sha256):
            return f"{member.name[:200]!r} has no size or hash"
        if any(above in names for above in _above(member.name.casefold())):
            return f"{member.name[:200]!r} lies in what is a file"
    return ""


def _above(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
