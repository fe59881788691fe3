"""Approving: whose word counts for a proposal, and how it stands then. Owns counting; a word is bound to the digest it was given for."""

from datetime import datetime, timedelta

from watchkeeper.brain.ethics.ledger import Kept
from watchkeeper.brain.ethics.policy import Policy
from watchkeeper.brain.ethics.telling import happened
from watchkeeper.model.autonomy import Ruling
from watchkeeper.model.proposal import ActionRecord, ActionState, Approval, Proposal

VOID = ""
"""In the place of a digest: the word counts for nothing any more."""


def login(name: str) -> str:
    """Give a login as it is compared: two spellings of one name are one person."""
    return name.strip().casefold()


def is_person(name: str) -> bool:
    """Say whether a name can be a person's login: programs and the system itself have names that cannot."""
    return bool(login(name)) and ":" not in name and login(name) not in ("system", "command line", "*")


def agreed(kept: Kept, proposal: Proposal) -> tuple[str, ...]:
    """Give the different people who agreed to exactly this proposal, without who asked for it."""
    words = [word for word in kept.approvals(proposal.id) if word.digest == proposal.digest and word.agrees]
    asked = login(proposal.asked_by.partition("person:")[2])
    return tuple(sorted({login(word.by) for word in words} - {asked, ""}))


def stands(kept: Kept, proposal: Proposal, ruling: Ruling) -> ActionState:
    """Say how a proposal stands after a ruling, with what people said so far."""
    if ruling.outcome == "refuse":
        return "refused"
    denied = any(not word.agrees and word.digest == proposal.digest for word in kept.approvals(proposal.id))
    if denied:
        return "denied"
    return "ready" if len(agreed(kept, proposal)) >= ruling.approvals else "waiting"


def objection(record: ActionRecord, approval: Approval, now: datetime) -> str:
    """Say what is wrong with a person's word on a record; empty if it counts."""
    by = login(approval.by)
    if not is_person(approval.by):
        return f"{approval.by!r} is no person's login; a person has to say it"
    if approval.digest != record.proposal.digest:
        return f"the proposal {record.id!r} was changed after {approval.by!r} saw it; look at it again"
    if record.state != "waiting" and not (record.state == "ready" and not approval.agrees):
        return f"the proposal {record.id!r} is {record.state}; nobody is asked about it any more"
    if record.deadline is not None and now >= record.deadline:
        return f"the time to answer about {record.id!r} ended {record.deadline:%Y-%m-%d %H:%M} UTC; let it be proposed again"
    if record.proposal.is_by_hand and by == login(record.proposal.asked_by.partition(":")[2]) and approval.agrees:
        who = f"{approval.by!r} asked for {record.id!r}, so another person has to approve it; `watchkeeper users add` lets one in"
        return f"{who}. Whoever is alone approves what a playbook proposes, or does this by hand at its place"
    return ""


def deadline(policy: Policy, now: datetime) -> datetime:
    """Give until when people may answer, and until when what may be done has to be begun."""
    return now + timedelta(hours=policy.approvals.hours)


def void(kept: Kept, proposal: Proposal, now: datetime, why: str) -> None:
    """Let nothing count any more that people said of a proposal."""
    for word in kept.approvals(proposal.id):
        if word.digest != VOID:
            what = ("approval void", proposal.id)
            kept.put_approval(word.model_copy(update={"digest": VOID}), happened(proposal.tenant, now, word.by, what, why))
