"""Standing: how a record becomes otherwise, in a transaction that has the tenant to itself. Owns the transitions; calls no place."""

from datetime import datetime, timedelta
from typing import Any

from watchkeeper.brain.ethics.approving import deadline, stands, void
from watchkeeper.brain.ethics.braking import brake_if_flooded
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.demoting import demote_for, ran_alone
from watchkeeper.brain.ethics.ledger import Kept, RecordsWanted
from watchkeeper.brain.ethics.looking import LOOKED_AT, verdict, with_seen
from watchkeeper.brain.ethics.matter import MOST_RECORDS
from watchkeeper.brain.ethics.policy import Policy, in_force, shipped
from watchkeeper.brain.ethics.ruling import rule
from watchkeeper.brain.ethics.telling import SYSTEM, told
from watchkeeper.brain.ethics.touching import is_same_but_targets, objects
from watchkeeper.model.entity import Entity
from watchkeeper.model.proposal import IN_FORCE, ActionRecord, Proposal, Seen
from watchkeeper.model.spelling import plain


def known(kept: Kept, id_: str) -> ActionRecord:
    """Give a record.

    Raises:
        LookupError: there is none of that id.
    """
    record = kept.record(id_)
    if record is None:
        raise LookupError(f"there is no proposal {id_!r}; `watchkeeper actions` lists them")
    return record


def policy_to_end_by(kept: Kept, about: Circumstances) -> Policy:
    """Give the policy in force; where it cannot be understood nothing is ruled to run, and the one that ships says how to end things."""
    try:
        return in_force(kept, about.clock())
    except ValueError:
        return shipped()


def ruled(kept: Kept, proposal: Proposal, about: Circumstances, before: ActionRecord | None) -> ActionRecord:
    """Rule on a proposal and keep how it stands; if it was refused for the same reasons before, nothing is written again."""
    now, policy = about.clock(), policy_to_end_by(kept, about)
    until = before.deadline if before else None
    if until is not None and until <= now:
        void(kept, proposal, now, "the time to do it was over")
        until = None
    ruling = rule(kept, proposal, about)
    if before is not None and ruling == before.ruling:
        return before
    state, count, made = stands(kept, proposal, ruling), objects(proposal), before.made if before else now
    until = until or (None if state == "refused" else deadline(policy, now))
    record = ActionRecord(proposal=proposal, state=state, ruling=ruling, made=made, changed=now, deadline=until, objects=count)
    kept.put(record, told(record, proposal.asked_by))
    brake_if_flooded(kept, record, policy, now)
    return record


def intended(kept: Kept, record: ActionRecord, about: Circumstances, mine: str) -> ActionRecord:
    """Rule again on what is ready; only what may run now becomes an intent."""
    now = about.clock()
    if record.deadline is not None and record.deadline <= now:
        return lapsed(kept, record, now)
    ruling = rule(kept, record.proposal, about, acting=True)
    state = stands(kept, record.proposal, ruling)
    changes: dict[str, Any] = {"state": state, "ruling": ruling, "changed": now}
    if state == "ready":
        seconds, means = record.proposal.expiry_seconds, about.means_of(record.proposal)
        expires = now + timedelta(seconds=seconds) if seconds is not None else None
        changes |= {"state": "doing", "done": now, "expires": expires, "held_by": mine, "place": means.place if means else ""}
    after = record.model_copy(update=changes)
    kept.put(after, told(after))
    brake_if_flooded(kept, after, policy_to_end_by(kept, about), now)
    return after


def remembered(kept: Kept, record: ActionRecord, reference: str, about: Circumstances) -> ActionRecord:
    """Keep what `undo` will have to bring back with the intent, and rule again: the place may have taken its time to say."""
    ruling = rule(kept, record.proposal, about, acting=True)
    changes: dict[str, Any] = {"reference": reference, "changed": about.clock()}
    if stands(kept, record.proposal, ruling) != "ready":
        said = "begun, nothing changed yet, and not allowed any more"
        changes = {"state": "failed", "ruling": ruling, "changed": about.clock(), "held_by": "", "said": said}
    after = record.model_copy(update=changes)
    kept.put(after, told(after))
    return after


def is_free(record: ActionRecord, now: datetime, policy: Policy, mine: str) -> bool:
    """Say whether somebody may go on with what was begun: nobody is at it, it is they themselves, or whoever was has had long enough."""
    return record.held_by in ("", mine) or is_left(record, now, policy)


def is_left(record: ActionRecord, now: datetime, policy: Policy) -> bool:
    """Say whether what was begun has stood for so long that nobody can be at it any more."""
    return now - record.changed >= timedelta(seconds=policy.takeover_seconds)


def lapsed(kept: Kept, record: ActionRecord, now: datetime) -> ActionRecord:
    """Let a record lapse: the default is to do nothing."""
    said = "nobody answered, or nobody did it, in time; nothing was done"
    after = record.model_copy(update={"state": "lapsed", "changed": now, "said": said})
    kept.put(after, told(after))
    return after


def judged(kept: Kept, id_: str, seen: tuple[Seen, ...], about: Circumstances) -> ActionRecord:
    """Keep what was seen of a record; one that turns out not to work demotes its class."""
    record, now = known(kept, id_), about.clock()
    if record.state not in LOOKED_AT:
        return record
    state, said = verdict(record, seen, about, now)
    after = record.model_copy(update={"state": state, "said": said[:2_000], "checks": with_seen(record, *seen), "changed": now})
    kept.put(after, told(after))
    if state == "ineffective" and record.state != "ineffective":
        demote_for(kept, record.proposal, about, f"{record.id} did not work: {said}")
    return after


def being_undone(kept: Kept, record: ActionRecord, about: Circumstances, mine: str, by_why: tuple[str, str]) -> ActionRecord:
    """Keep the intent to take something back; a person who takes back what ran alone demotes its class.

    Raises:
        ValueError: nothing of it is in force, it cannot be taken back, or somebody is at it right now.
    """
    now, (by, why) = about.clock(), by_why
    _may_be_undone(record, about, now, policy_to_end_by(kept, about), mine)
    again = record.state == "undoing"
    ended = record.ended_by if again else by
    said = f"{by}: {why}"[:2_000]
    after = record.model_copy(update={"state": "undoing", "held_by": mine, "changed": now, "said": said, "ended_by": ended})
    kept.put(after, told(after, by))
    if not again and by != SYSTEM and ran_alone(kept, record, about):
        demote_for(kept, record.proposal, about, f"{by} took back {record.id}: {why}")
    return after


def targets_of_its_own(kept: Kept, record: ActionRecord) -> tuple[Entity, ...]:
    """Give the targets that no other record in force holds, too: those stay as they are until that one ends."""
    states, action, targets = sorted(IN_FORCE - {"undoing"}), record.proposal.action, record.proposal.targets
    alike = kept.records(RecordsWanted(states=states, actions=(action,), touching=targets, most=MOST_RECORDS))
    others = [other.proposal for other in alike if other.id != record.id and is_same_but_targets(other.proposal, record.proposal)]
    held = frozenset[Entity](plain(target) for proposal in others for target in proposal.targets)
    return tuple(target for target in record.proposal.targets if plain(target) not in held)


def _may_be_undone(record: ActionRecord, about: Circumstances, now: datetime, policy: Policy, mine: str) -> None:
    if record.state not in IN_FORCE:
        raise ValueError(f"{record.id!r} is {record.state}: nothing of it is in force")
    if record.state in ("doing", "undoing") and not is_free(record, now, policy, mine):
        raise ValueError(f"somebody is at {record.id!r} right now; ask again in {policy.takeover_seconds} seconds")
    means = about.means_of(record.proposal)
    if means is not None and means.undo is None:
        raise ValueError(f"{record.proposal.action!r} cannot be taken back at {means.place!r}")
