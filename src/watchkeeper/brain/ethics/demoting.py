"""Demoting: the system lowers the level of what went wrong, by itself and at once. Owns that; only people raise it again."""

from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Kept, Ledger
from watchkeeper.brain.ethics.levels import class_level, sets_in_force
from watchkeeper.brain.ethics.policy import in_force
from watchkeeper.brain.ethics.telling import SYSTEM, happened
from watchkeeper.brain.ethics.touching import touched
from watchkeeper.model.autonomy import AUTONOMIES
from watchkeeper.model.policy import LevelSet
from watchkeeper.model.proposal import Proposal

FLOOR = "L2"
"""The system goes no lower: at L2 people decide each time, which is what a demotion is for."""


def demote(ledger: Ledger, action: str, group: str, why: str, about: Circumstances) -> LevelSet | None:
    """Lower the level of a class by one, not below L2; none if it was there already.

    Raises:
        OSError: it could not be kept.
        ValueError: the policy in force cannot be understood.
    """
    with ledger.alone() as kept:
        return _demote(kept, ledger.tenant, (action, group), why, about)


def demote_for(kept: Kept, proposal: Proposal, about: Circumstances, why: str) -> None:
    """Demote the class of an action on each group of assets that it acted on."""
    try:
        things = touched(proposal, in_force(kept, about.clock()), about.asset_of)
        groups = dict.fromkeys(thing.group.name for thing in things)
        for group in groups:
            _demote(kept, proposal.tenant, (proposal.action, group), why, about)
    except ValueError:
        return


def _demote(kept: Kept, tenant: str, class_: tuple[str, str], why: str, about: Circumstances) -> LevelSet | None:
    now = about.clock()
    action, group = class_
    before = class_level(in_force(kept, now), sets_in_force(kept, now), action, group, tenant)
    if AUTONOMIES.index(before) <= AUTONOMIES.index(FLOOR):
        return None
    level = LevelSet(action=action, group=group, level=AUTONOMIES[AUTONOMIES.index(before) - 1], by=SYSTEM, time=now, why=why[:1_000])
    kept.put_level(
        level, happened(tenant, now, SYSTEM, ("level demoted", f"{action} on {group}"), f"{before} to {level.level}: {level.why}")
    )
    return level
