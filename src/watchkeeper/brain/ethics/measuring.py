"""Measuring: how one class of actions has done so far. Owns the counting; people see it before they promote the class."""

from collections.abc import Sequence

from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Kept, Ledger, RecordsWanted
from watchkeeper.brain.ethics.matter import MOST_RECORDS
from watchkeeper.brain.ethics.policy import in_force
from watchkeeper.brain.ethics.telling import SYSTEM
from watchkeeper.brain.ethics.touching import touched
from watchkeeper.model.noun import Noun
from watchkeeper.model.proposal import ActionRecord


class ClassRecord(Noun):
    """What became of the actions of one class."""

    action: str
    """Name in the catalogue."""
    group: str
    """Group of assets."""
    proposed: int
    """How many were proposed."""
    refused: int
    """How many of them ethics refused."""
    denied: int
    """How many people denied."""
    done: int
    """How many were begun."""
    verified: int
    """How many of these were seen to work."""
    ineffective: int
    """How many were seen not to work."""
    failed: int
    """How many could not be done."""
    taken_back: int
    """How many people took back."""

    @property
    def said(self) -> str:
        """Say it in one line, as it is kept with a promotion."""
        asked = f"{self.proposed} proposed, {self.refused} refused, {self.denied} denied"
        done = f"{self.done} done, {self.verified} seen to work, {self.ineffective} not, {self.failed} failed"
        return f"{self.action} on {self.group}: {asked}, {done}, {self.taken_back} taken back by people"


def measured(ledger: Ledger, action: str, group: str, about: Circumstances) -> ClassRecord:
    """Give the record of one class of actions, for a person who thinks of promoting it.

    Raises:
        OSError: what was kept cannot be read.
        ValueError: the policy in force cannot be understood.
    """
    with ledger.alone() as kept:
        return class_record(kept, action, group, about)


def class_record(kept: Kept, action: str, group: str, about: Circumstances) -> ClassRecord:
    """Count what became of the actions of one class, in a transaction that is open already."""
    policy = in_force(kept, about.clock())
    records = kept.records(RecordsWanted(actions=(action,), most=MOST_RECORDS))
    groups = [{thing.group.name for thing in touched(one.proposal, policy, about.asset_of)} for one in records]
    return _counted(action, group, [one for one, names in zip(records, groups, strict=True) if group in names])


def _counted(action: str, group: str, records: Sequence[ActionRecord]) -> ClassRecord:
    by_system = [one for one in records if one.state == "undone" and one.ended_by == SYSTEM]
    by_people = [one for one in records if one.state in ("undone", "undoing") and one.ended_by.startswith("person:")]
    return ClassRecord(
        action=action,
        group=group,
        proposed=len(records),
        refused=sum(one.state == "refused" for one in records),
        denied=sum(one.state == "denied" for one in records),
        done=sum(one.done is not None for one in records),
        verified=sum(one.state != "ineffective" and any(seen.outcome == "in-force" for seen in one.checks) for one in records),
        ineffective=sum(one.state == "ineffective" for one in records) + len(by_system),
        failed=sum(one.state == "failed" for one in records),
        taken_back=len(by_people),
    )
