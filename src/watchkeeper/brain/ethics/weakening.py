"""Weakening: whether one policy allows anything that another does not. Owns the comparison; what it cannot compare counts as weaker."""

from collections.abc import Iterator, Mapping
from itertools import product

from watchkeeper.brain.ethics.levels import is_at_least
from watchkeeper.brain.ethics.policy import EVERY, Group, Policy, Rate
from watchkeeper.model.autonomy import Autonomy

_ANY_OTHER = "-"
"""Stands for every action, group or tenant that neither policy names."""


def weakened(before: Policy, after: Policy) -> tuple[str, ...]:
    """Give the parts of a policy in which it allows more than the one before, or may; empty if it is as strict or stricter."""
    return tuple(dict.fromkeys(_parts(before, after)))


def _parts(before: Policy, after: Policy) -> Iterator[str]:
    yield from ("levels" for one in _classes(before, after) if not is_at_least(_start(before, *one), _start(after, *one)))
    if not _are_groups_as_strict(before.groups, after.groups):
        yield "groups"
    if not set(before.hours) <= set(after.hours):
        yield "hours"
    if any(after.confidence[level] < least for level, least in before.confidence.items()):
        yield "confidence"
    if _is_more(before.radius, after.radius):
        yield "radius"
    if _is_more(before.objects, after.objects):
        yield "objects"
    if _is_rate_more(before, after):
        yield "rates"
    yield from _of_people(before, after)
    yield from _of_the_rest(before, after)


def _of_people(before: Policy, after: Policy) -> Iterator[str]:
    old, new = before.approvals, after.approvals
    wider = new.one_person_radius > old.one_person_radius or new.one_person_objects > old.one_person_objects
    longer = new.hours > old.hours or new.same_again_hours < old.same_again_hours
    if wider or longer or not set(old.two_people) <= set(new.two_people):
        yield "approvals"
    if after.kinds < before.kinds:
        yield "kinds"
    if after.announce_hours < before.announce_hours:
        yield "announce_hours"


def _of_the_rest(before: Policy, after: Policy) -> Iterator[str]:
    named = {*before.failed.actions, *after.failed.actions, _ANY_OTHER}
    if any(before.failed_then(name) == "undo" and after.failed_then(name) != "undo" for name in named):
        yield "failed"
    if not set(before.never) <= set(after.never):
        yield "never"
    if after.takeover_seconds < before.takeover_seconds:
        yield "takeover_seconds"


def _classes(before: Policy, after: Policy) -> Iterator[tuple[str, str, str]]:
    lines = (*before.levels, *after.levels)
    actions = {name for line in lines for name in line.actions} - {EVERY} | {_ANY_OTHER}
    groups = {group.name for policy in (before, after) for group in policy.groups}
    tenants = {name for line in lines for name in line.tenants} - {EVERY} | {_ANY_OTHER}
    return product(sorted(actions), sorted(groups), sorted(tenants))


def _start(policy: Policy, action: str, group: str, tenant: str) -> Autonomy:
    fitting: list[Autonomy] = [line.level for line in policy.levels if line.fits(action, group, tenant)]
    return fitting[0] if fitting else "L0"


def _are_groups_as_strict(before: tuple[Group, ...], after: tuple[Group, ...]) -> bool:
    if len(before) != len(after):
        return False
    return all(
        new.model_copy(update={"most": old.most, "approvals": old.approvals, "felt_by_all": old.felt_by_all}) == old
        and is_at_least(old.most, new.most)
        and new.approvals >= old.approvals
        and (new.felt_by_all or not old.felt_by_all)
        for old, new in zip(before, after, strict=True)
    )


def _is_more(before: Mapping[Autonomy, int], after: Mapping[Autonomy, int]) -> bool:
    return any(after[level] > most for level, most in before.items())


def _is_rate_more(before: Policy, after: Policy) -> bool:
    old, new = before.rates, after.rates
    named = {*old.actions, *new.actions}
    pairs = [(old.total, new.total), (old.verified_list, new.verified_list)]
    pairs += [(old.actions.get(name, old.actions[EVERY]), new.actions.get(name, new.actions[EVERY])) for name in named]
    return new.brake_after > old.brake_after or any(_is_higher(one, other) for one, other in pairs)


def _is_higher(before: Rate, after: Rate) -> bool:
    return after.hour > before.hour or after.day > before.day
