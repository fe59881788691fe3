"""The desk for policy: levels with their measured record, changes of what is allowed, and the brake. Owns bringing each act together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.plain_telling import policy_told, told_messages
from watchkeeper.brain.ethics.braking import set_brake
from watchkeeper.brain.ethics.changing import agree_change, ask_change, cancel_change, lower, promote
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Kept
from watchkeeper.brain.ethics.levels import class_level, sets_in_force
from watchkeeper.brain.ethics.measuring import ClassRecord, class_record
from watchkeeper.brain.ethics.policy import EVERY, Policy, in_force
from watchkeeper.brain.ethics.telling import SYSTEM
from watchkeeper.brain.ethics.touching import touched
from watchkeeper.model.action_seen import PolicySeen
from watchkeeper.model.asset import Asset
from watchkeeper.model.autonomy import AUTONOMIES, Autonomy
from watchkeeper.model.missing import MissingError
from watchkeeper.model.noun import Noun
from watchkeeper.model.policy import Brake, LevelSet, PolicyChange
from watchkeeper.model.principal import EVERY_TENANT, Principal
from watchkeeper.model.proposal import RecordsWanted
from watchkeeper.notify.routes import Routes
from watchkeeper.store import Store
from watchkeeper.store.ledger import TenantLedger
from watchkeeper.store.people import People

MOST_LOOKED_AT = 2_000
"""Newest actions in which classes are looked for; one that has none among them and was never set is not listed."""


class LevelLine(Noun):
    """One class of actions: its level, and what speaks for and against another one."""

    level: Autonomy
    """Its level now."""
    most: Autonomy
    """The highest level that the policy allows for the group."""
    record: ClassRecord
    """How it did so far."""
    demotions: int
    """How often the system lowered it."""
    last: LevelSet | None
    """Who set it last, when and why; none if it is as the policy starts it."""


@dataclass(frozen=True, slots=True)
class PolicyDesk:
    """Somebody at the policy of one tenant."""

    store: Store
    people: People
    about: Callable[[], Circumstances]
    """Gives what ethics may ask."""
    routes: Callable[[], Routes]
    """Gives the routes by which people hear of changes."""

    def policy(self) -> PolicySeen:
        """Give the policy in force, what was asked for, every promotion and demotion, and the brakes.

        Raises:
            ValueError: the policy in force cannot be understood.
        """
        now = self.about().clock()
        with self._ledger.alone() as kept:
            changes = kept.changes()
            policy, levels, brakes = in_force(kept, now), kept.levels(), kept.brakes()
        begun = [one for one in changes if one.policy and one.state in {"announced", "in-force"} and one.begins and one.begins <= now]
        newest = max(enumerate(begun), key=lambda pair: (pair[1].begins or now, pair[0]))[1].id if begun else ""
        return PolicySeen(policy=policy.model_dump(mode="json"), change=newest, changes=changes, levels=levels, brakes=brakes)

    def levels(self) -> tuple[LevelLine, ...]:
        """Give every class of which something was asked for or set, by action and then as the policy orders groups.

        Raises:
            ValueError: the policy in force cannot be understood.
        """
        about = self.about()
        with self._ledger.alone() as kept:
            policy, sets = in_force(kept, about.clock()), sets_in_force(kept, about.clock())
            order = [group.name for group in policy.groups]
            found = sorted(set(_classes(kept, policy, about)), key=lambda one: (one[0], order.index(one[1])))
            return tuple(_line(policy, sets, class_record(kept, *one, about), self.store.tenant) for one in found)

    def promote(self, class_: tuple[str, str], level: Autonomy | None, who: Who) -> PolicyChange:
        """Ask for a level for a class of an action and a group: the next one, unless another is named; people hear of it by the routes.

        Raises:
            ValueError: nobody may promote so, or `notify.yml` is not what it should be; the message says why.
        """
        _wants_reason(who)
        about, routes = self.about(), self.routes()
        wanted = level or self._next(class_, about)
        told = LevelSet(action=class_[0], group=class_[1], level=wanted, by=who.by, time=who.time, why=who.why)
        return self._told(promote(self._ledger, told, about, is_alone=self._is_alone(who)), routes)

    def lower(self, class_: tuple[str, str], level: Autonomy, who: Who) -> LevelSet:
        """Lower the level of a class at once; `*` is every action, or every group.

        Raises:
            ValueError: it would raise something.
        """
        _wants_reason(who)
        told = LevelSet(action=class_[0], group=class_[1], level=level, by=who.by, time=who.time, why=who.why)
        return lower(self._ledger, told, self.about())

    def ask(self, policy: dict[str, Any], who: Who) -> PolicyChange:
        """Ask for another policy; people hear of it by the routes.

        Raises:
            ValueError: it is none, and the message names the place in it; or `notify.yml` is not what it should be.
        """
        _wants_reason(who)
        routes = self.routes()
        return self._told(ask_change(self._ledger, policy, who.by, who.why, self.about(), is_alone=self._is_alone(who)), routes)

    def agree(self, start: str, who: Who) -> PolicyChange:
        """Agree to what somebody else asked for.

        Raises:
            MissingError: nothing, or more than one thing, is called so.
            ValueError: they asked for it themselves, or it is over.
        """
        return agree_change(self._ledger, self._called(start), who.by, self.about())

    def cancel(self, start: str, who: Who) -> PolicyChange:
        """Cancel what was asked for or stands announced.

        Raises:
            MissingError: nothing, or more than one thing, is called so.
            ValueError: it is over.
        """
        _wants_reason(who)
        return cancel_change(self._ledger, self._called(start), who.by, who.why, self.about())

    def brakes(self) -> tuple[Brake, ...]:
        """Give the brakes that were set or released, the one for all tenants first."""
        with self._ledger.alone() as kept:
            return kept.brakes()

    def brake(self, who: Who, *, on: bool | None = None, dry_run: bool | None = None, every: bool = False) -> Brake:
        """Set or release the brake or a dry run of the tenant, or of every one; what is not said stays as it is."""
        scope = EVERY_TENANT if every else self.store.tenant
        before = next((one for one in self.brakes() if one.scope == scope), None)
        held = (before.on, before.dry_run) if before else (False, False)
        brake = Brake(
            scope=scope,
            on=held[0] if on is None else on,
            dry_run=held[1] if dry_run is None else dry_run,
            by=who.by,
            time=who.time,
            why=who.why,
        )
        return set_brake(self._ledger, brake)

    @property
    def _ledger(self) -> TenantLedger:
        return self.store.ledger(self.people.audit)

    def _told(self, change: PolicyChange, routes: Routes) -> PolicyChange:
        """Let people hear of a change that waits: an announcement that reaches nobody is none."""
        if change.state in {"asked", "announced"}:
            told = policy_told(self.store.tenant, change)
            self.store.keep_messages(told_messages(told, None, routes, lambda name: Asset(name=name), change.made))
        return change

    def _is_alone(self, who: Who) -> bool:
        """Say whether nobody else could agree: there is no other user who is an admin here and may sign in."""
        others = (user for user in self.people.users() if user.login != who.by and user.disabled is None)
        return not any(Principal(name=user.login, roles=user.roles).may("admin", self.store.tenant) for user in others)

    def _next(self, class_: tuple[str, str], about: Circumstances) -> Autonomy:
        now = about.clock()
        with self._ledger.alone() as kept:
            level = class_level(in_force(kept, now), sets_in_force(kept, now), *class_, self.store.tenant)
        return AUTONOMIES[min(AUTONOMIES.index(level) + 1, len(AUTONOMIES) - 1)]

    def _called(self, start: str) -> str:
        with self._ledger.alone() as kept:
            found = [one.id for one in kept.changes() if start and one.id.startswith(start)]
        if len(found) != 1:
            raise MissingError(f"{len(found)} changes of policy begin with {start[:40]!r}; `watchkeeper policy show` lists them")
        return found[0]


def _classes(kept: Kept, policy: Policy, about: Circumstances) -> Iterator[tuple[str, str]]:
    groups = {group.name for group in policy.groups}
    for record in kept.records(RecordsWanted(most=MOST_LOOKED_AT)):
        things = touched(record.proposal, policy, about.asset_of)
        yield from ((record.proposal.action, thing.group.name) for thing in things)
    for told in kept.levels():
        if told.action != EVERY and told.group in groups:
            yield told.action, told.group


def _line(policy: Policy, sets: tuple[LevelSet, ...], record: ClassRecord, tenant: str) -> LevelLine:
    mine = [told for told in sets if told.action in {EVERY, record.action} and told.group in {EVERY, record.group}]
    found = policy.group(record.group)
    return LevelLine(
        level=class_level(policy, sets, record.action, record.group, tenant),
        most=found.most if found else "L0",
        record=record,
        demotions=sum(told.by == SYSTEM for told in mine),
        last=mine[-1] if mine else None,
    )


def _wants_reason(who: Who) -> None:
    if not who.why.strip():
        raise ValueError("say why with --why")
