"""Looking: whether an action has its effect. Owns asking the place, and what several looks together mean; nothing is changed from here."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import ActionRecord, ActionState, Seen, SeenOutcome

LOOKED_AT: frozenset[ActionState] = frozenset({"in-force", "verified", "ineffective"})
"""What is done, and can be looked at, and taken back."""
_MOST_CHECKS = 20
_MEANS: Mapping[SeenOutcome, ActionState] = {"not-in-force": "ineffective", "in-force": "verified"}
"""What a look means that sees something; what speaks against it weighs more."""


def means_at(record: ActionRecord, about: Circumstances) -> Means | None:
    """Give the means at the place where it was, or is to be, carried out; none if that is configured no more."""
    means = about.means_of(record.proposal)
    return means if means is not None and means.place == record.place else None


def elsewhere(record: ActionRecord) -> str:
    """Say that the place is gone."""
    return f"the place {record.place!r} is not configured for {record.proposal.action!r} any more; put it back into response.yml"


def job_of(record: ActionRecord, targets: tuple[Entity, ...] | None = None) -> Job:
    """Give what a place is told, for all targets or for some of them."""
    proposal = record.proposal
    return Job(
        key=record.id,
        tenant=proposal.tenant,
        incident=proposal.incident,
        action=proposal.action,
        targets=proposal.targets if targets is None else targets,
        arguments=proposal.arguments,
        expires=record.expires,
        reference=record.reference,
    )


def check(record: ActionRecord, about: Circumstances, targets: tuple[Entity, ...] | None = None) -> Seen:
    """Look at the place; that it cannot be looked at is a finding, too."""
    try:
        means = means_at(record, about)
        if means is not None:
            return means.check(job_of(record, targets))
        said = elsewhere(record)
    except Exception as error:  # noqa: BLE001 - a durable step: that a place could not be looked at is a finding that a person sees
        said = f"{type(error).__name__}: {error}"[:2_000]
    return Seen(where="target", outcome="unknown", time=about.clock(), said=said)


def is_untouched(record: ActionRecord, about: Circumstances) -> bool:
    """Say whether nothing was changed for certain: what `undo` has to bring back is kept before anything is, and it is not."""
    means = means_at(record, about)
    return means is not None and means.former is not None and not record.reference


def former(record: ActionRecord, means: Means) -> str:
    """Ask the place what `undo` will have to bring back; empty where it needs to know nothing.

    Raises:
        OSError: the place does not answer.
        ValueError: it refuses, or says nothing.
    """
    if means.former is None:
        return ""
    if told := means.former(job_of(record)):
        return told
    raise ValueError(f"{means.place!r} does not say what is there now, so that it could not be brought back; nothing was changed")


def is_as_before(record: ActionRecord, means: Means) -> bool:
    """Say whether a place has again what it had before: what was in force then already is still there after an undo, rightly."""
    try:
        return means.former is not None and former(record, means) == record.reference
    except Exception:  # noqa: BLE001 - a durable step: what cannot be looked at is not known to be back, and it is tried again
        return False


def with_seen(record: ActionRecord, *seen: Seen) -> tuple[Seen, ...]:
    """Give the looks at a record with the newest ones, as many as are kept."""
    return (*record.checks, *seen)[-_MOST_CHECKS:]


def window_of(action: str, about: Circumstances) -> timedelta:
    """Give within how long the effect of an action has to show."""
    traits = about.traits_of(action)
    return timedelta(seconds=traits.check_seconds if traits else 0)


def verdict(record: ActionRecord, seen: tuple[Seen, ...], about: Circumstances, now: datetime) -> tuple[ActionState, str]:
    """Say what looks mean: any no is a no, else any yes is a yes; a change that nobody sees in its time counts as one without effect."""
    for outcome, state in _MEANS.items():
        if told := next((one for one in seen if one.outcome == outcome), None):
            return state, told.said if told is seen[0] else f"{told.where}: {told.said}"
    traits = about.traits_of(record.proposal.action)
    late = record.state == "in-force" and record.done is not None and now - record.done > window_of(record.proposal.action, about)
    unseen = late and (traits is None or traits.changes_state)
    return ("ineffective" if unseen else record.state), f"not seen yet: {seen[0].said}"
