"""Changing what is allowed: promotions and changes of policy, by people. Owns that it takes two, or an announced day where there is one.

No action leads here: each function wants the login of a person, and nobody hands any of them to a place.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from watchkeeper.brain.ethics.approving import is_person, login
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Kept, Ledger
from watchkeeper.brain.ethics.levels import class_level, is_at_least, sets_in_force
from watchkeeper.brain.ethics.measuring import class_record
from watchkeeper.brain.ethics.policy import EVERY, Policy, checked_policy, in_force, shipped
from watchkeeper.brain.ethics.telling import SYSTEM, happened
from watchkeeper.brain.ethics.weakening import weakened
from watchkeeper.model.autonomy import AUTONOMIES, Autonomy
from watchkeeper.model.policy import LevelSet, PolicyChange

_FREE: Autonomy = "L2"
"""Up to here one person may promote at once: people decide each time all the same."""


def promote(ledger: Ledger, level: LevelSet, about: Circumstances, *, is_alone: bool) -> PolicyChange:
    """Ask for a level one higher for a class of actions; what is measured of it is kept as the reason, before the person's words.

    Up to L2 it holds at once. Above, a second person has to agree; where one administrator is alone, it stands announced for a day.

    Raises:
        OSError: it could not be kept.
        ValueError: nobody may promote so; the message says why.
    """
    now = about.clock()
    _wants_person(level.by)
    with ledger.alone() as kept:
        policy = in_force(kept, now)
        _wants_step(kept, ledger.tenant, policy, level, about)
        record = class_record(kept, level.action, level.group, about)
        told = level.model_copy(update={"time": now, "why": f"{record.said}; {level.why}"[:1_000]})
        change = PolicyChange(id=uuid4().hex, level=told, asked_by=level.by, state="asked", made=now, why=told.why)
        if not is_at_least(_FREE, level.level):
            return _wait(kept, ledger.tenant, change, policy, is_alone=is_alone)
        return _begin(kept, ledger.tenant, change, now, level.by)


def lower(ledger: Ledger, level: LevelSet, about: Circumstances) -> LevelSet:
    """Lower a level for a person, at once and alone; `*` lowers it for every action or group. What was asked for the class is cancelled.

    Raises:
        OSError: it could not be kept.
        ValueError: no person asks for it, or it would raise something.
    """
    now = about.clock()
    _wants_person(level.by)
    with ledger.alone() as kept:
        policy = _understood(kept, now)
        before = class_level(policy, sets_in_force(kept, now), level.action, level.group, ledger.tenant)
        if EVERY not in (level.action, level.group) and is_at_least(level.level, before):
            raise ValueError(f"{level.action!r} on {level.group!r} is at {before}; {level.level} would not lower it")
        told = level.model_copy(update={"time": now})
        what = ("level lowered", f"{level.action} on {level.group}")
        kept.put_level(told, happened(ledger.tenant, now, level.by, what, f"{level.level}: {level.why}"))
        cancel_promotions(kept, ledger.tenant, (level.action, level.group), level.by, now)
        return told


def ask_change(ledger: Ledger, policy: dict[str, Any], by: str, why: str, about: Circumstances, *, is_alone: bool) -> PolicyChange:
    """Ask for another policy. It takes a second person; where one administrator is alone, what allows more stands announced for a day.

    Raises:
        OSError: it could not be kept.
        ValueError: it is no policy, or no person asks for it; the message says what is wrong.
    """
    now = about.clock()
    _wants_person(by)
    after = checked_policy(policy, "the new policy")
    with ledger.alone() as kept:
        before = _understood(kept, now)
        change = PolicyChange(id=uuid4().hex, policy=policy, asked_by=by, state="asked", made=now, why=why)
        if is_alone and not weakened(before, after):
            return _begin(kept, ledger.tenant, change, now, by)
        return _wait(kept, ledger.tenant, change, before, is_alone=is_alone)


def agree_change(ledger: Ledger, id_: str, by: str, about: Circumstances) -> PolicyChange:
    """Agree, as a second person, to a promotion or a change of policy; then it holds.

    Raises:
        OSError: it could not be kept.
        LookupError: there is no such change.
        ValueError: it is the person who asked, it is over, or what it was asked for has changed meanwhile.
    """
    now = about.clock()
    _wants_person(by)
    with ledger.alone() as kept:
        change = _waiting(kept, id_)
        if login(by) == login(change.asked_by):
            raise ValueError(f"{by!r} asked for it, so somebody else has to agree")
        if change.level is not None:
            _wants_step(kept, ledger.tenant, in_force(kept, now), change.level, about)
        return _begin(kept, ledger.tenant, change.model_copy(update={"agreed_by": by}), now, by)


def cancel_change(ledger: Ledger, id_: str, by: str, why: str, about: Circumstances) -> PolicyChange:
    """Cancel what was asked for or stands announced; any person may.

    Raises:
        OSError: it could not be kept.
        LookupError: there is no such change.
        ValueError: it is over, or no person cancels it.
    """
    _wants_person(by)
    with ledger.alone() as kept:
        return _cancel(kept, ledger.tenant, _waiting(kept, id_), by, about.clock(), why)


def begin_announced(kept: Kept, tenant: str, now: datetime) -> None:
    """Let announced changes hold whose day is over: they do already by their time, and here it is written down."""
    for change in kept.changes():
        if change.state == "announced" and change.begins is not None and change.begins <= now:
            _begin(kept, tenant, change, change.begins, SYSTEM)


def cancel_promotions(kept: Kept, tenant: str, class_: tuple[str, str], by: str, now: datetime) -> None:
    """Cancel what was asked for classes that were lowered meanwhile."""
    action, group = class_
    for change in kept.changes():
        level = change.level
        if level and change.state in ("asked", "announced") and action in (EVERY, level.action) and group in (EVERY, level.group):
            _cancel(kept, tenant, change, by, now, "the class was lowered meanwhile")


def _wait(kept: Kept, tenant: str, change: PolicyChange, policy: Policy, *, is_alone: bool) -> PolicyChange:
    begins = change.made + timedelta(hours=policy.announce_hours)
    after = change.model_copy(update={"state": "announced", "begins": begins}) if is_alone else change
    note = f"{_named(after)}; in force from {begins:%Y-%m-%d %H:%M} UTC unless cancelled" if is_alone else _named(after)
    kept.put_change(after, happened(tenant, change.made, change.asked_by, (f"policy change {after.state}", change.id), note))
    return after


def _begin(kept: Kept, tenant: str, change: PolicyChange, now: datetime, by: str) -> PolicyChange:
    after = change.model_copy(update={"state": "in-force", "begins": now})
    kept.put_change(after, happened(tenant, now, by, ("policy changed", change.id), _named(after)))
    if after.level is not None:
        what = ("level promoted", f"{after.level.action} on {after.level.group}")
        level = after.level.model_copy(update={"time": now})
        kept.put_level(level, happened(tenant, now, by, what, f"{level.level}: {level.why}"))
        return after
    for other in kept.changes():
        if other.id != after.id and other.policy and other.state in ("asked", "announced"):
            _cancel(kept, tenant, other, by, now, "the policy was changed meanwhile")
    return after


def _cancel(kept: Kept, tenant: str, change: PolicyChange, by: str, now: datetime, why: str) -> PolicyChange:
    after = change.model_copy(update={"state": "cancelled", "begins": None})
    kept.put_change(after, happened(tenant, now, by, ("policy change cancelled", change.id), f"{_named(change)}; {why}"))
    return after


def _named(change: PolicyChange) -> str:
    level = change.level
    what = f"{level.action} on {level.group} to {level.level}" if level else "the whole policy"
    return f"{what}: {change.why}"


def _waiting(kept: Kept, id_: str) -> PolicyChange:
    change = next((change for change in kept.changes() if change.id == id_), None)
    if change is None:
        raise LookupError(f"there is no change of policy {id_!r}")
    if change.state not in ("asked", "announced"):
        raise ValueError(f"the change {id_!r} is {change.state}; nobody waits for anything")
    return change


def _understood(kept: Kept, now: datetime) -> Policy:
    """Give the policy in force; where it cannot be understood, the one that ships is what a new one is measured by."""
    try:
        return in_force(kept, now)
    except ValueError:
        return shipped()


def _wants_person(by: str) -> None:
    if not is_person(by):
        raise ValueError(f"{by!r} is no person's login; only people change what may be done")


def _wants_step(kept: Kept, tenant: str, policy: Policy, level: LevelSet, about: Circumstances) -> None:
    """Want a step of one level, of a class that there is, to no more than its group can have."""
    group = policy.group(level.group)
    if group is None or about.traits_of(level.action) is None:
        raise ValueError(f"{level.action!r} on {level.group!r} is no class of actions; name one action and one group of the policy")
    now = about.clock()
    before = class_level(policy, sets_in_force(kept, now), level.action, level.group, tenant)
    if AUTONOMIES.index(level.level) != AUTONOMIES.index(before) + 1:
        raise ValueError(f"{level.action!r} on {level.group!r} is at {before}; a promotion goes one level up, not to {level.level}")
    if not is_at_least(group.most, level.level):
        raise ValueError(f"the group {level.group!r} goes no higher than {group.most}; the policy says so")
