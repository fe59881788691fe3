"""Updating the installed rules from a zip: what it brings is known before it is in force. Owns the order and the refusal.

Unpacking stands in `rule_archive`, the folder's layout in `content_folder`.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from watchkeeper.autopilot.content_folder import (
    RULES,
    Current,
    Origin,
    current,
    in_force,
    incoming,
    installed,
    local,
    put_in_force,
    version_folder,
)
from watchkeeper.autopilot.rule_archive import unpack
from watchkeeper.detection import Rule, RuleSet, load_rules
from watchkeeper.detection.review import Finding, review
from watchkeeper.detection.sigma import Correlation

MOST_BROKEN = 0.05
"""If more of a zip's rules than this cannot run, it is refused unless the person insists: it is for another Sigma, or no rules."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What one set of rules has that another has not."""

    added: tuple[Rule | Correlation, ...]
    changed: tuple[Rule | Correlation, ...]
    """As they are now."""
    removed: tuple[Rule | Correlation, ...]
    """As they were."""

    @property
    def fresh(self) -> frozenset[str]:
        """Ids of what was added or changed."""
        return frozenset(rule.id for rule in (*self.added, *self.changed))


NO_DIFFERENCE = Difference((), (), ())


@dataclass(frozen=True, slots=True)
class Update:
    """What became of an update."""

    now: Current
    """The version in force."""
    is_new: bool
    """Whether anything was installed: the same zip again changes nothing."""
    rules: int
    """Rules that run, the person's own included."""
    difference: Difference
    broken: tuple[Finding, ...]
    """Why rules do not run."""
    left_out: int
    """Files of the zip that are no rules."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of rules that are not in force yet."""

    rules: RuleSet
    """They and the person's own."""
    difference: Difference
    """What they change of what is in force."""
    broken: tuple[Finding, ...]
    """Why some do not run."""


def update(archive: Path, folder: Path, moment: datetime, *, force: bool = False) -> Update:
    """Install the rules of a zip as the version in force; the person's own in `local` stay as they are.

    Raises:
        OSError: the zip cannot be read or the folder cannot be written; the version in force stays.
        ValueError: the zip is refused; the version in force stays, and the message says why.
    """
    origin = Origin(archive.name, _digest(archive), moment)
    before = in_force(folder)
    if before is not None and RULES in before.kinds and before.kinds[RULES].digest == origin.digest:
        return Update(before, False, size(load_rules(installed(folder))), NO_DIFFERENCE, (), 0)  # noqa: FBT003 -- a field of the answer
    place = incoming(folder)
    try:
        filled = place / "filled"
        unpacked = unpack(archive, filled / RULES)
        judged = judge(folder, filled / RULES, archive.name, force=force)
        now = put_in_force(folder, filled, {RULES: origin})
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return Update(now, True, size(judged.rules), judged.difference, judged.broken, unpacked.left_out)  # noqa: FBT003 -- a field of the answer


def judge(folder: Path, filled: Path, archive: str, *, force: bool = False) -> Judged:
    """See what new rules would bring with the person's own beside them, before they are in force.

    Raises:
        OSError: a folder cannot be read.
        ValueError: too many of them do not run, or there are none.
    """
    new = load_rules((filled, *local(folder)))
    broken = broken_rules(archive, filled, new, force=force)
    before = in_force(folder)
    has_rules = before is not None and RULES in before.kinds
    old = load_rules(installed(folder)) if has_rules else RuleSet(())
    return Judged(new, difference(old, new), broken)


def difference(old: RuleSet, new: RuleSet) -> Difference:
    """Compare two sets of rules by id; where a rule's file stands does not matter."""
    before, after = _meanings(old), _meanings(new)
    return Difference(
        added=tuple(rule for name, (rule, _) in after.items() if name not in before),
        changed=tuple(rule for name, (rule, meaning) in after.items() if name in before and before[name][1] != meaning),
        removed=tuple(rule for name, (rule, _) in before.items() if name not in after),
    )


def since_update(folder: Path, load: Callable[[Sequence[Path]], RuleSet] = load_rules) -> tuple[RuleSet, Difference]:
    """Give the installed rules, and what the last update or bundle with rules brought.

    Raises:
        OSError: nothing is installed, or the folder cannot be read.
        ValueError: the folder is damaged.
    """
    new = load(installed(folder))
    now = current(folder)
    before = version_folder(folder, now.rules_before) / RULES if now and now.rules_before else None
    old = load((before, *local(folder))) if before and before.is_dir() else RuleSet(())
    return new, difference(old, new)


def _digest(archive: Path) -> str:
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def broken_rules(archive: str, filled: Path, new: RuleSet, *, force: bool) -> tuple[Finding, ...]:
    """Say why rules of a folder do not run; `archive` is what messages call it.

    Raises:
        ValueError: too many do not, or there are none.
    """
    seen = review((filled,), new)
    if seen.rules == seen.broken:
        raise ValueError(f"{archive!r} is refused: none of its {seen.rules:,} rules can run; are they Sigma rules?")
    if seen.broken > MOST_BROKEN * seen.rules and not force:
        share = f"{seen.broken:,} of its {seen.rules:,} rules cannot run, more than {MOST_BROKEN:.0%}"
        raise ValueError(f"{archive!r} is refused: {share}; `watchkeeper rules check` says why, --force installs it all the same")
    errors = (finding for finding in seen.findings if finding.severity == "error")
    return tuple(replace(finding, path=f"{archive}!{Path(finding.path).relative_to(filled).as_posix()}") for finding in errors)


def _meanings(ruleset: RuleSet) -> Mapping[str, tuple[Rule | Correlation, Rule | Correlation]]:
    return {rule.id: (rule, replace(rule, path="")) for rule in (*ruleset.rules, *ruleset.correlations)}


def size(ruleset: RuleSet) -> int:
    """Give how many rules there are, those that count others included."""
    return len(ruleset.rules) + len(ruleset.correlations)
