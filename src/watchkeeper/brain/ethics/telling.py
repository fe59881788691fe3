"""Telling: what stands in the audit log of each change of an action. Owns the words, which never change."""

from datetime import datetime

from watchkeeper.model.audit import Happened, Outcome
from watchkeeper.model.proposal import ActionRecord, ActionState

SYSTEM = "system"
"""Who did what nobody asked for: lapsing, expiring, demoting."""
_WHAT: dict[ActionState, tuple[str, Outcome]] = {
    "refused": ("action refused", "refused"),
    "waiting": ("action waits for people", "done"),
    "denied": ("action denied", "refused"),
    "lapsed": ("action lapsed", "refused"),
    "ready": ("action allowed", "done"),
    "doing": ("action begun", "done"),
    "in-force": ("action done", "done"),
    "verified": ("action verified", "done"),
    "ineffective": ("action ineffective", "failed"),
    "undoing": ("undo begun", "done"),
    "undone": ("action undone", "done"),
    "expired": ("action expired", "done"),
    "failed": ("action failed", "failed"),
}
_MOST = 1_000


def told(record: ActionRecord, who: str = SYSTEM) -> Happened:
    """Say what an action has become."""
    what, outcome = _WHAT[record.state]
    why = ", ".join(note.code for note in record.ruling.why)
    proposal, ruling = record.proposal, record.ruling
    asked = f"{proposal.action} of {len(proposal.targets)} for {proposal.incident or '-'}"
    note = f"{asked}, {ruling.level} {ruling.outcome}: {why}; {record.said}"
    return happened(proposal.tenant, record.changed, who, (what, record.id), note, outcome)


def happened(tenant: str, time: datetime, who: str, what_on: tuple[str, str], note: str, outcome: Outcome = "done") -> Happened:
    """Say that something was done to something."""
    what, on = what_on
    return Happened(time=time, tenant=tenant, who=who.removeprefix("person:"), what=what, on=on, outcome=outcome, note=note[:_MOST])
