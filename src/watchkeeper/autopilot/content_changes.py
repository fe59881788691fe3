"""What one content has that another has not: files, rules, and what is newly known to be exploited. Owns the comparison alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from watchkeeper.assets.vulnerabilities.exploited import read_exploited
from watchkeeper.autopilot.content_folder import ATTACK, CATALOGUE, KEV, RULES, Current, version_folder
from watchkeeper.autopilot.ruleset_update import Difference
from watchkeeper.bundle.manifest import Changes, Member, since
from watchkeeper.bundle.writing import described

LOOKED_INTO = frozenset({RULES, KEV})
"""Kinds of which more is told than which files changed."""


@dataclass(frozen=True, slots=True)
class Side:
    """Files of one content."""

    members: Sequence[Member]
    folder: Path
    """Where those lie that are looked into."""


def changes(old: Side, new: Side, rules: Difference) -> Changes:
    """Compare two contents.

    Raises:
        OSError: a file cannot be read.
        ValueError: a list of what is known to be exploited is none.
    """
    added, changed, removed = (tuple(sorted(rule.id for rule in some)) for some in (rules.added, rules.changed, rules.removed))
    exploited = sorted(_exploited(new) - _exploited(old))
    found = since(old.members, new.members)
    return replace(found, rules_added=added, rules_changed=changed, rules_removed=removed, exploited_added=tuple(exploited))


def installed_side(folder: Path, now: Current | None, kinds: frozenset[str]) -> Side:
    """Give what is installed of some kinds.

    Raises:
        OSError: a file cannot be read.
    """
    if now is None:
        return Side((), folder)
    at = version_folder(folder, now.version)
    files = (path for kind in sorted(kinds & now.kinds.keys()) for path in sorted((at / kind).rglob("*")) if path.is_file())
    sent = [path for path in files if path != at / ATTACK / CATALOGUE]
    return Side([described(path.relative_to(at).as_posix(), path) for path in sent], at)


def exploited_ids(files: Iterable[Path]) -> frozenset[str]:
    """Give the CVE ids that lists name.

    Raises:
        OSError: a file cannot be read.
        ValueError: one is no such list.
    """
    return frozenset(one.cve for file in files for one in read_exploited(file).entries)


def _exploited(side: Side) -> frozenset[str]:
    return exploited_ids(side.folder / member.name for member in side.members if member.kind == KEV)
