"""Verified lists: the intelligence of an installed bundle that a trusted key signed. Owns which lists those are and what stands on them.

A list is one part of the bundle, as it came: what somebody imported under the same source, or installed unsigned, stands on none.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from watchkeeper.autopilot.content_folder import INTEL, current, version_folder
from watchkeeper.bundle.trusted import trusted
from watchkeeper.detection.intel.allow import NO_LISTS
from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Ask
from watchkeeper.detection.intel.installed import open_installed
from watchkeeper.detection.intel.known import is_special, owned
from watchkeeper.detection.intel.reading import opened
from watchkeeper.detection.intel.values import KINDS, canonical
from watchkeeper.model.asset import Own
from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.proposal import MOST_TARGETS

Pair = tuple[str, str]
"""Kind and canonical value of an indicator."""
_OF: Mapping[str, Mapping[str, EntityKind]] = MappingProxyType(
    {"block_address": {"address": "address", "network": "address"}, "block_domain": {"domain": "domain"}}
)
"""Which kinds of indicators an action takes as targets, and which kind of thing each then is."""
_EXPIRED, _PRIVATE, _OWN, _ALLOWED = "expired", "private", "own", "allowed"
REASONS = (_EXPIRED, _PRIVATE, _OWN, _ALLOWED)
"""Why something of a list is left out."""


@dataclass(frozen=True, slots=True)
class ListTargets:
    """What of a list an action acts on."""

    targets: tuple[Entity, ...]
    """In the order of the list."""
    left_out: Mapping[str, int]
    """How many of its entries are left out: they expired, are private, the organisation's own, or on an allow-list."""


@dataclass(frozen=True, slots=True)
class VerifiedLists:
    """The lists of one place."""

    content: Path | None
    """The folder of installed content; without one there is no list."""
    state: Path
    """The state folder: the trusted keys and the allow-lists are there."""
    own: Own = field(default_factory=Own)
    """What the organisation calls its own."""

    def names(self) -> tuple[str, ...]:
        """Give the names of the lists there are.

        Raises:
            OSError: what is installed, or a key, cannot be read.
            ValueError: it is damaged.
        """
        folder = self._folder()
        return tuple(sorted(one.name for one in folder.iterdir() if one.is_dir())) if folder else ()

    def has(self, name: str, targets: Sequence[Entity], now: datetime) -> bool:
        """Say whether there is a list of that name and every target stands on it, not expired; a network stands there as a whole or not.

        Raises:
            OSError: what is installed, or a key, cannot be read.
            ValueError: it is damaged.
        """
        entries = self._entries(name)
        return bool(entries) and bool(targets) and all(_stands(entries, target, now) for target in targets)

    def targets(self, name: str, action: str, now: datetime) -> ListTargets:
        """Give what of a list an action acts on.

        Raises:
            OSError: what is installed, or a key, cannot be read.
            ValueError: there is no such list, the action is for none, or nothing or too much is left; the message says which.
        """
        entries, kinds = self._entries(name), _OF.get(action)
        if kinds is None:
            raise ValueError(f"{action[:80]!r} takes no list; {' and '.join(_OF)} do")
        if entries is None:
            there = ", ".join(self.names()) or "none"
            raise ValueError(f"{name[:80]!r} is no list that came signed by a trusted key; there is {there}: `watchkeeper content show`")
        left_out = Counter[str]()
        found = tuple(Entity(kind=kinds[kind], value=value) for kind, value in self._wanted(entries, kinds, now, left_out))
        if not 0 < len(found) <= MOST_TARGETS:
            raise ValueError(f"list {name!r} has {len(found):,} targets for {action}; it takes 1 to {MOST_TARGETS:,}")
        return ListTargets(found, left_out)

    def _wanted(self, entries: "_Entries", kinds: Mapping[str, EntityKind], now: datetime, left_out: Counter[str]) -> Iterator[Pair]:
        installed = open_installed(self.state / INTEL)
        allow, own = installed.allow() if installed else NO_LISTS, owned(self.own.networks, self.own.domains)
        for pair, until in entries.items():
            if pair[0] not in kinds:
                continue
            reason = _EXPIRED if until and until < now else _PRIVATE if is_special(*pair) else ""
            reason = reason or (_OWN if own.covering(*pair) else _ALLOWED if allow.covering(*pair) else "")
            if reason:
                left_out[reason] += 1
            else:
                yield pair

    def _entries(self, name: str) -> "_Entries | None":
        return _read(self._folder() or Path(), name) if name in self.names() else None

    def _folder(self) -> Path | None:
        """Give the folder of the intelligence in force, if a key signed it that is trusted now."""
        found = current(self.content) if self.content else None
        origin = found.kinds.get(INTEL) if found else None
        if self.content is None or found is None or origin is None or not origin.signer:
            return None
        folder = version_folder(self.content, found.version) / INTEL
        return folder if folder.is_dir() and any(key.name == origin.signer for key in trusted(self.state)) else None


_Entries = Mapping[Pair, datetime | None]
"""What stands on a list, and until when; none is for ever."""


@lru_cache(maxsize=8)
def _read(folder: Path, name: str) -> _Entries:
    """Read a list; the folder of a version is never changed, so that it is read once."""
    found: dict[Pair, datetime | None] = {}
    taken_back = set[Pair]()
    for one in opened(folder / name, Ask()):
        table, _ = indicators(one.entries, Defaults(name), datetime.now(UTC))
        columns: list[list[Any]] = [table.column(column).to_pylist() for column in ("kind", "value", "valid_until", "revoked")]
        for kind, value, until, revoked in zip(*columns, strict=True):
            found[kind, value] = until
            if revoked:
                taken_back.add((kind, value))
    return MappingProxyType({pair: until for pair, until in found.items() if pair not in taken_back})


def _stands(entries: _Entries, target: Entity, now: datetime) -> bool:
    kinds = ("address", "network") if target.kind == "address" else (target.kind,)
    pairs = ((kind, canonical(kind, target.value)) for kind in kinds if kind in KINDS)
    until = [entries[pair] for pair in pairs if pair in entries]
    return any(one is None or one >= now for one in until)
