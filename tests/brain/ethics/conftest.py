"""A ledger in memory, a fake place, and circumstances whose facts stand apart from what proposals say: for every test of ethics."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

import pytest

from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import RecordsWanted
from watchkeeper.model.asset import Asset
from watchkeeper.model.audit import Happened
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.model.policy import Brake, LevelSet, PolicyChange
from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.model.proposal import LIST, ActionRecord, Approval, Begun, Done, Proposal, Seen

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def traits(name: str, alone_from: Any = "L3", **others: Any) -> ActionTraits:
    told: dict[str, Any] = {"undoable": True, "expiry_seconds": 3600, "openc2": ("deny", "x"), "d3fend": ""}
    return ActionTraits(name=name, alone_from=alone_from, **(told | others))


CATALOGUE = {
    one.name: one
    for one in (
        traits("block_address"),
        traits("isolate_host", "L4"),
        traits("disable_account", "L4"),
        traits("quarantine_file", expiry_seconds=None),
        traits("kill_process", "L4", undoable=False, expiry_seconds=None),
        traits("notify", "L1", undoable=False, changes_state=False, expiry_seconds=None),
    )
}


@dataclass
class State:
    """Everything that is kept of one tenant."""

    records: dict[str, ActionRecord] = field(default_factory=dict)
    approvals: dict[tuple[str, str], Approval] = field(default_factory=dict)
    levels: list[LevelSet] = field(default_factory=list)
    changes: dict[str, PolicyChange] = field(default_factory=dict)
    brakes: dict[str, Brake] = field(default_factory=dict)
    log: list[Happened] = field(default_factory=list)


class MemoryKept:
    """What is kept of one tenant, within one transaction."""

    def __init__(self, tenant: str, state: State) -> None:
        self.tenant = tenant
        self.state = state

    def record(self, id_: str) -> ActionRecord | None:
        return self.state.records.get(id_)

    def records(self, wanted: RecordsWanted) -> tuple[ActionRecord, ...]:
        newest = sorted(self.state.records.values(), key=lambda record: (record.made, record.id), reverse=True)
        return tuple(record for record in newest if _fits(record, wanted))[: wanted.most]

    def begun(self, since: datetime, most: int) -> tuple[Begun, ...]:
        found = self.records(RecordsWanted(done_since=since, most=most))
        return tuple(
            Begun(one.id, one.proposal.action, one.done, one.objects or len(one.proposal.targets), bool(one.proposal.arguments.get(LIST)))
            for one in found
            if one.done is not None
        )

    def put(self, record: ActionRecord, happened: Happened) -> None:
        self.state.records[record.id] = record
        self.state.log.append(happened)

    def approvals(self, proposal: str) -> tuple[Approval, ...]:
        return tuple(told for (of, _), told in self.state.approvals.items() if of == proposal)

    def put_approval(self, told: Approval, happened: Happened) -> None:
        self.state.approvals.pop((told.proposal, told.by), None)
        self.state.approvals[told.proposal, told.by] = told
        self.state.log.append(happened)

    def levels(self) -> tuple[LevelSet, ...]:
        return tuple(self.state.levels)

    def put_level(self, level: LevelSet, happened: Happened) -> None:
        self.state.levels.append(level)
        self.state.log.append(happened)

    def changes(self) -> tuple[PolicyChange, ...]:
        return tuple(self.state.changes.values())

    def put_change(self, change: PolicyChange, happened: Happened) -> None:
        self.state.changes[change.id] = change
        self.state.log.append(happened)

    def brakes(self) -> tuple[Brake, ...]:
        return tuple(self.state.brakes[scope] for scope in (EVERY_TENANT, self.tenant) if scope in self.state.brakes)

    def put_brake(self, told: Brake, happened: Happened) -> None:
        self.state.brakes[told.scope] = told
        self.state.log.append(happened)


def _fits(record: ActionRecord, wanted: RecordsWanted) -> bool:
    return (
        (not wanted.states or record.state in wanted.states)
        and (not wanted.incident or record.proposal.incident == wanted.incident)
        and (not wanted.actions or record.proposal.action in wanted.actions)
        and (wanted.done_since is None or (record.done is not None and record.done >= wanted.done_since))
        and (wanted.changed_since is None or record.changed >= wanted.changed_since)
        and (wanted.changed_by is None or record.changed <= wanted.changed_by)
        and (wanted.due_by is None or (record.due is not None and record.due <= wanted.due_by))
    )


class MemoryLedger:
    """A ledger in memory: all of a transaction is kept, or nothing."""

    def __init__(self, tenant: str = "default") -> None:
        self._tenant = tenant
        self._lock = Lock()
        self.state = State()
        self.breaks: Callable[[], None] = lambda: None
        """Called before each transaction: a test lets the ledger be out of reach there."""

    @property
    def tenant(self) -> str:
        return self._tenant

    @contextmanager
    def alone(self) -> Iterator[MemoryKept]:
        self.breaks()
        with self._lock:
            before = self.state
            copied = {name: value.copy() for name, value in vars(before).items()}
            self.state = State(**copied)
            try:
                yield MemoryKept(self._tenant, self.state)
            except BaseException:
                self.state = before
                raise


def same(target: Entity) -> Entity:
    """Give what a place takes a target for: it knows no other spelling of it."""
    return Entity(kind=target.kind, value=target.value.lower().removesuffix("/32"))


REMEMBERED = frozenset({"disable_account"})
"""Actions of which the place has to know what was there before, to bring it back."""


@dataclass
class FakePlace:
    """A place that really keeps what is in force there, by target and key, and can be slow, deaf or out of reach."""

    now: Callable[[], datetime]
    in_force: dict[tuple[str, Entity], set[str]] = field(default_factory=dict)
    """Keys of the jobs that hold each action on each target."""
    done: list[Job] = field(default_factory=list)
    """Jobs that changed something, in order."""
    undone: list[Job] = field(default_factory=list)
    trouble: Callable[[str, Job], None] = lambda _what, _job: None
    """Called with `former`, `do`, `did`, `undo`, `undid` or `check`; a test raises there."""
    is_deaf: bool = False
    """It answers success and does nothing."""
    values: dict[Entity, str] = field(default_factory=dict)
    """What accounts say, where it is not `on`; `off` is what disabling makes of them."""

    def holds(self, action: str, target: Entity) -> bool:
        """Say whether an action has its effect on a target, whoever brought that about."""
        if action in REMEMBERED:
            return self.values.get(same(target), "on") == "off"
        return (action, same(target)) in self.in_force

    def former(self, job: Job) -> str:
        self.trouble("former", job)
        return ",".join(self.values.get(same(target), "on") for target in job.targets)

    def do(self, job: Job) -> Done:
        self.trouble("do", job)
        missing = [target for target in job.targets if job.key not in self.in_force.get((job.action, same(target)), set())]
        if missing and not self.is_deaf:
            self.done.append(job)
            for target in missing:
                self.in_force.setdefault((job.action, same(target)), set()).add(job.key)
                if job.action in REMEMBERED:
                    self.values[same(target)] = "off"
        self.trouble("did", job)
        return Done(said="done", reference="r1")

    def undo(self, job: Job) -> Done:
        self.trouble("undo", job)
        if job.action in REMEMBERED and not job.reference:
            raise ValueError("what was there before is not known")
        if not self.is_deaf:
            self.undone.append(job)
            for target in job.targets:
                self.in_force.pop((job.action, same(target)), None)
            if job.action in REMEMBERED:
                self.values |= zip(map(same, job.targets), job.reference.split(","), strict=True)
        self.trouble("undid", job)
        return Done(said="taken back")

    def check(self, job: Job) -> Seen:
        self.trouble("check", job)
        held = all(self.holds(job.action, target) for target in job.targets)
        return Seen(where="target", outcome="in-force" if held else "not-in-force", time=self.now(), said="looked")


class World:
    """What ethics may ask beside the ledger, as a test sets it up."""

    def __init__(self) -> None:
        self.now = START
        self.place = FakePlace(lambda: self.now)
        self.catalogue = dict(CATALOGUE)
        self.assets: dict[Entity, Asset] = {}
        self.kinds: dict[str, str] = {"e1": "windows/Sysmon", "e2": "intel", "e3": "linux/auditd"}
        """Kind of evidence of each event that is there."""
        self.lists: dict[str, frozenset[Entity]] = {}
        self.judged: dict[str, float] = {}
        self.without_place: set[str] = set()

    @property
    def about(self) -> Circumstances:
        return Circumstances(
            traits_of=self.catalogue.get,
            means_of=self.means_of,
            asset_of=self.assets.get,
            kinds_of=self.kinds_of,
            clock=lambda: self.now,
            is_listed=lambda name, targets: name in self.lists and self.lists[name].issuperset(targets),
            confidence_of=self.judged.get,
        )

    def kinds_of(self, ids: Sequence[str]) -> list[str]:
        return [self.kinds[id_] for id_ in ids if id_ in self.kinds]

    def means_of(self, proposal: Proposal) -> Means | None:
        if proposal.action in self.without_place:
            return None
        undo = self.place.undo if self.catalogue[proposal.action].undoable else None
        former = self.place.former if proposal.action in REMEMBERED else None
        return Means("fake", proposal.action, self.place.do, undo, self.place.check, former)

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


ADDRESS = Entity(kind="address", value="203.0.113.5")


def proposal(**others: Any) -> Proposal:
    """A block of an outside address, as a playbook asks for it, with good evidence."""
    told: dict[str, Any] = {
        "tenant": "default",
        "incident": "i1",
        "action": "block_address",
        "targets": (ADDRESS,),
        "evidence": ("e1", "e2"),
        "kinds": ("windows/Sysmon", "intel"),
        "confidence": 0.97,
        "blast_radius": 1,
        "undoable": True,
        "expiry_seconds": 3600,
        "asked_by": "playbook:intrusion",
    }
    return Proposal(**(told | others))


def word(asked: Proposal, by: str, world: World, *, agrees: bool = True) -> Approval:
    return Approval(proposal=asked.id, digest=asked.digest, by=by, agrees=agrees, way="cli", time=world.now)


def raised(ledger: Any, world: World, level: Any, action: str = "block_address", group: str = "outside") -> None:
    """Let a class have a level, as if people had promoted it."""
    with ledger.alone() as kept:
        told = LevelSet(action=action, group=group, level=level, by="ann", time=world.now, why="test")
        kept.put_level(told, Happened(time=world.now, tenant=ledger.tenant, who="ann", what="level promoted"))
