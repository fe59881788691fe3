"""Levels: which of several holds. Owns their order, and what promotions and demotions made of what the policy starts from."""

from collections.abc import Sequence
from datetime import datetime

from watchkeeper.brain.ethics.ledger import Kept
from watchkeeper.brain.ethics.policy import EVERY, Policy
from watchkeeper.model.autonomy import AUTONOMIES, Autonomy
from watchkeeper.model.policy import LevelSet
from watchkeeper.model.proposal import Proposal


def lowest(first: Autonomy, *others: Autonomy) -> Autonomy:
    """Give the lowest of levels: nothing that asks for caution is outvoted."""
    return min((first, *others), key=AUTONOMIES.index)


def is_at_least(level: Autonomy, other: Autonomy) -> bool:
    """Say whether a level is another one, or higher."""
    return AUTONOMIES.index(level) >= AUTONOMIES.index(other)


def sets_in_force(kept: Kept, now: datetime) -> tuple[LevelSet, ...]:
    """Give promotions and demotions that hold, in the order in which they began; announced ones from when they begin."""
    announced = [(change.level, change.begins) for change in kept.changes() if change.state == "announced"]
    begun = [level.model_copy(update={"time": begins}) for level, begins in announced if level and begins and begins <= now]
    return tuple(sorted((*kept.levels(), *begun), key=lambda told: told.time))


def class_level(policy: Policy, sets: Sequence[LevelSet], action: str, group: str, tenant: str) -> Autonomy:
    """Give the level of a class: where the policy lets it start, then what people and the system made of it, within the group's most."""
    lines: list[Autonomy] = [line.level for line in policy.levels if line.fits(action, group, tenant)]
    level: Autonomy = lines[0] if lines else "L0"
    for told in sets:
        if (told.action, told.group) == (action, group):
            level = told.level
        elif told.action in (EVERY, action) and told.group in (EVERY, group):
            level = lowest(level, told.level)
    found = policy.group(group)
    return lowest(level, found.most) if found else "L0"


def confident_level(policy: Policy, confidence: float) -> Autonomy:
    """Give the highest level for which it is sure enough that this is an attack."""
    enough: list[Autonomy] = [level for level in AUTONOMIES[2:] if confidence >= policy.confidence[level]]
    return enough[-1] if enough else "L1"


def hourly_level(policy: Policy, now: datetime) -> Autonomy:
    """Give the highest level at a time of day."""
    caps: list[Autonomy] = [cap.most for cap in policy.hours if cap.covers(now)]
    return lowest("L5", *caps)


def effective_level(policy: Policy, classes: Sequence[Autonomy], proposal: Proposal, confidence: float, now: datetime) -> Autonomy:
    """Give the lowest of what the classes, the confidence and the time of day allow; a person who asks is sure, and is there."""
    level = lowest("L5", *classes) if classes else "L0"
    if proposal.is_by_hand:
        return level
    return lowest(level, confident_level(policy, confidence), hourly_level(policy, now))
