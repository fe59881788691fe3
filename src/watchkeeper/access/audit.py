"""Whether the audit log is whole: every entry there, unchanged and in its place, and none cut off. Owns the comparison, not the entries."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from watchkeeper.model.audit import BEGINNING, Anchor, AuditEntry, Head

Damage = Literal["missing", "added", "damaged", "changed", "untied", "cut", "rewritten", "no anchor", "false anchor"]
"""A number is missing; one is there that cannot be; a row holds no entry; an entry says something else than its hash; it does not follow
the one before it; the newest are gone; the log ends differently than was noted; nothing was noted, or what is noted was not signed here."""


class Finding(NamedTuple):
    """Where the log is not what it was."""

    damage: Damage
    number: int
    """The first entry that is not as it was; for `cut`, the first that is gone; 0 if that cannot be said."""


class Checked(NamedTuple):
    """What was found in the whole log."""

    head: Head
    """Where it ends as far as it is sound."""
    found: Finding | None
    """The first damage; none if it is whole."""


def verify(entries: Iterable[AuditEntry | int], anchor: Anchor | Literal["none", "false"], kept: Head | None = None) -> Checked:
    """Go through the log from its first entry and say where it first is not what it was.

    Args:
        entries: in order; the number alone of a row that holds no entry.
        anchor: the head as it was noted outside the database; `none` if nothing was, `false` if its signature is not ours.
        kept: a head that a person kept; the log must still have that entry with that hash.
    """
    last = Head(number=0, hash=BEGINNING)
    noted = {head.number: head.hash for head in _noted(anchor)} | ({kept.number: kept.hash} if kept else {})
    for entry in entries:
        if damage := _damage(entry, last, noted):
            number = last.number + 1 if damage == "missing" else entry if isinstance(entry, int) else entry.number
            return Checked(last, Finding(damage, number))
        assert isinstance(entry, AuditEntry)  # noqa: S101 -- a number alone is damage
        last = Head(number=entry.number, hash=entry.hash)
    return Checked(last, _end(last, anchor, kept))


def _noted(anchor: Anchor | Literal["none", "false"]) -> tuple[Head, ...]:
    return (anchor.held,) if isinstance(anchor, Anchor) else ()


def _damage(entry: AuditEntry | int, last: Head, noted: dict[int, str]) -> Damage | None:
    number = entry if isinstance(entry, int) else entry.number
    if number != last.number + 1:
        return "missing" if number > last.number else "added"
    if isinstance(entry, int):
        return "damaged"
    if not entry.is_sound():
        return "changed"
    if entry.previous != last.hash:
        return "untied"
    return "rewritten" if noted.get(number, entry.hash) != entry.hash else None


def _end(last: Head, anchor: Anchor | Literal["none", "false"], kept: Head | None) -> Finding | None:
    if kept and kept.number > last.number:
        return Finding("cut", last.number + 1)
    if anchor == "false":
        return Finding("false anchor", 0)
    if anchor == "none":
        return Finding("no anchor", 0) if last.number else None
    if anchor.fits(last):
        return None
    if anchor.held.number > last.number:
        return Finding("cut", last.number + 1)
    return Finding("added", anchor.held.number + 1) if last.number > anchor.held.number else Finding("rewritten", last.number)
