"""Demoting: the system lowers the level of what went wrong, by itself and at once. Owns that; only people raise it again."""

from watchkeeper.brain.ethics.approving import agreed
from watchkeeper.brain.ethics.changing import cancel_promotions
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Kept, Ledger, RecordsWanted
from watchkeeper.brain.ethics.levels import class_level, sets_in_force
from watchkeeper.brain.ethics.matter import MOST_RECORDS
from watchkeeper.brain.ethics.policy import EVERY, in_force
from watchkeeper.brain.ethics.telling import SYSTEM, happened
from watchkeeper.brain.ethics.touching import touched
from watchkeeper.model.autonomy import AUTONOMIES, Autonomy
from watchkeeper.model.policy import LevelSet
from watchkeeper.model.proposal import IN_FORCE, ActionRecord, Proposal

FLOOR: Autonomy = "L2"
"""The system goes no lower: at L2 people decide each time, which is what a demotion is for."""


def demote(ledger: Ledger, action: str, group: str, why: str, about: Circumstances) -> LevelSet | None:
    """Lower the level of a class by one, not below L2; none if it was there already.

    Raises:
        OSError: it could not be kept.
        ValueError: the policy in force cannot be understood.
    """
    with ledger.alone() as kept:
        return _demote(kept, ledger.tenant, (action, group), why, about)


def wrong_verdict(ledger: Ledger, incident: str, why: str, about: Circumstances) -> tuple[ActionRecord, ...]:
    """Demote the classes of what ran alone for an incident that turned out to be judged wrongly; give those that are still in force.

    Raises:
        OSError: it could not be kept.
    """
    with ledger.alone() as kept:
        records = kept.records(RecordsWanted(incident=incident, most=MOST_RECORDS))
        for record in records:
            if ran_alone(kept, record, about):
                demote_for(kept, record.proposal, about, f"wrong verdict on {incident}: {why}")
    return tuple(record for record in records if record.state in IN_FORCE)


def ran_alone(kept: Kept, record: ActionRecord, about: Circumstances) -> bool:
    """Say whether something was changed that no person asked for or agreed to."""
    traits = about.traits_of(record.proposal.action)
    changes = traits is None or traits.changes_state
    asked = record.proposal.is_by_hand
    return record.done is not None and changes and not asked and not agreed(kept, record.proposal)


def demote_for(kept: Kept, proposal: Proposal, about: Circumstances, why: str) -> None:
    """Demote the class of an action on each group that it acted on; where the groups cannot be told, the action on every group."""
    try:
        things = touched(proposal, in_force(kept, about.clock()), about.asset_of)
    except Exception as error:  # noqa: BLE001 - facts out of reach must not keep anything at a level that it has lost
        _demote_everywhere(kept, proposal, f"{why}; its groups are not known: {error}", about)
        return
    for group in dict.fromkeys(thing.group.name for thing in things):
        _demote(kept, proposal.tenant, (proposal.action, group), why, about)


def _demote_everywhere(kept: Kept, proposal: Proposal, why: str, about: Circumstances) -> None:
    now, tenant = about.clock(), proposal.tenant
    cancel_promotions(kept, tenant, (proposal.action, EVERY), SYSTEM, now)
    level = LevelSet(action=proposal.action, group=EVERY, level=FLOOR, by=SYSTEM, time=now, why=why[:1_000])
    kept.put_level(level, happened(tenant, now, SYSTEM, ("level demoted", f"{proposal.action} on {EVERY}"), f"{FLOOR}: {level.why}"))


def _demote(kept: Kept, tenant: str, class_: tuple[str, str], why: str, about: Circumstances) -> LevelSet | None:
    now = about.clock()
    action, group = class_
    cancel_promotions(kept, tenant, class_, SYSTEM, now)
    before = class_level(in_force(kept, now), sets_in_force(kept, now), action, group, tenant)
    if AUTONOMIES.index(before) <= AUTONOMIES.index(FLOOR):
        return None
    level = LevelSet(action=action, group=group, level=AUTONOMIES[AUTONOMIES.index(before) - 1], by=SYSTEM, time=now, why=why[:1_000])
    kept.put_level(
        level, happened(tenant, now, SYSTEM, ("level demoted", f"{action} on {group}"), f"{before} to {level.level}: {level.why}")
    )
    return level
