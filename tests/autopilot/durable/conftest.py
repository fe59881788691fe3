"""A small world for flows: an incident with a plan, a playbook that asks for one action, people who agree, and a place that counts."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watchkeeper.autopilot.durable.carrier import executor_of
from watchkeeper.autopilot.durable.hands import Hands
from watchkeeper.autopilot.durable.stepping import Pace
from watchkeeper.autopilot.durable.walker import Office, Rhythm
from watchkeeper.brain.ethics.acting import answer
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import RecordsWanted
from watchkeeper.model.action import Action, Plan
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.live import Cursor, LiveIncident
from watchkeeper.model.means import Job, Means
from watchkeeper.model.note import Note
from watchkeeper.model.playbook import Playbook, Wanted
from watchkeeper.model.proposal import ActionRecord, Approval, Done, Proposal, Seen, SeenOutcome
from watchkeeper.model.verdict import Verdict
from watchkeeper.store import Advance, Place, Store, open_store
from watchkeeper.store.anchor import AnchorFile
from watchkeeper.store.audit import AuditLog

TENANT = "default"
PLAYBOOK = Playbook.model_validate(
    {
        "name": "block",
        "title": {"code": "walked.adopted"},
        "start": "block",
        "steps": {"block": {"kind": "act", "actions": [{"action": "block_address"}], "next": "end"}, "end": {"kind": "end"}},
    }
)
HURRY = Pace(attempts=3, first_pause_seconds=0.05, longest_pause_seconds=0.1, first_look_seconds=0.0)
RHYTHM = Rhythm(round=0.02, due=0.5, lost=0.1, beat=0.2)
_NOTE = Note(code="action.block_address.do", arguments={"address": "x"})


def block(address: str) -> Action:
    """Give an action of a plan."""
    return Action(
        name="block_address", target=Entity(kind="address", value=address), why=(_NOTE,), evidence=("e1", "e2"), do=_NOTE, undo=_NOTE,
        check=_NOTE, blast_radius=0, blast_note=_NOTE, expiry_seconds=3600, needs=(), priority=1,
    )  # fmt: skip


def incident(id_: str = "i1", addresses: tuple[str, ...] = ("203.0.113.7",), **more: Any) -> Incident:
    """Give an incident that a flow is begun for."""
    verdict = Verdict(
        outcome="succeeded", confidence=0.99, attack=0.99, hypothesis="ransomware", why=(_NOTE,), missing=(), opinions=(), decided_by="fast"
    )
    told: dict[str, Any] = {
        "id": id_, "rank": 1, "title": "t", "level": "high", "score": 9.0, "start": datetime(2026, 3, 2, tzinfo=UTC), "end": None,
        "sessions": (), "folds": (), "hosts": ("ws1",), "entities": (), "techniques": (), "tactics": (), "why": (), "shown": True,
        "verdict": verdict,
        "plan": Plan(actions=tuple(map(block, addresses)), withheld=(), manual=()),
    }  # fmt: skip
    return Incident(**(told | more))


def keep(store: Store, *incidents: Incident) -> None:
    """Keep incidents as the keeper does."""
    before = store.cursor("test")
    store.advance(Advance(Cursor(name="test", position=before.position + 1 if before else 1), incidents))


@dataclass
class Counting:
    """A place in a folder that keeps what is in force, counts every call in a file, and can kill its caller or be out of reach."""

    folder: Path
    kills: str = ""
    """`before-effect` or `after-effect`: kills the process there, once."""
    down: bool = False

    def means(self) -> Means:
        self.folder.mkdir(parents=True, exist_ok=True)
        return Means("edge", "block_address", self._do, self._undo, self._check)

    def calls(self, what: str) -> int:
        """Count the effects of a kind."""
        return sum(self.keys(what).values())

    def keys(self, what: str) -> dict[str, int]:
        """Count the effects of a kind by the job that they are for."""
        path = self.folder / "calls"
        lines = [line.split() for line in path.read_text("utf-8").splitlines()] if path.exists() else []
        return dict(Counter(key for did, key in lines if did == what))

    def _do(self, job: Job) -> Done:
        if self.down:
            raise ConnectionError("the place 'edge' does not answer")
        self._die_at("before-effect")
        self._count("do", job)
        (self.folder / job.key).touch()
        self._die_at("after-effect")
        return Done(said="blocked")

    def _undo(self, job: Job) -> Done:
        self._count("undo", job)
        (self.folder / job.key).unlink(missing_ok=True)
        return Done(said="unblocked")

    def _check(self, job: Job) -> Seen:
        if self.down:
            raise ConnectionError("the place 'edge' does not answer")
        there = (self.folder / job.key).exists()
        return Seen(where="target", outcome="in-force" if there else "not-in-force", time=datetime.now(UTC), said="looked")

    def _count(self, what: str, job: Job) -> None:
        with (self.folder / "calls").open("a") as file:
            file.write(f"{what} {job.key}\n")
            file.flush()
            os.fsync(file.fileno())

    def _die_at(self, point: str) -> None:
        mark = self.folder / "died"
        if self.kills == point and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class World:
    """A store with one place."""

    store: Store
    state: Path
    place: Counting
    executor: str = ""
    playbooks: list[Playbook | None] = field(default_factory=lambda: [PLAYBOOK])
    """What is chosen: the last of them."""
    log: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    dead_seconds: float = 60.0
    untold: str = ""
    """Why people cannot be told; empty: they can."""
    telemetry: SeenOutcome | None = None
    """What events show of every action; none if they cannot."""

    def ledger(self) -> Any:
        return self.store.ledger(AuditLog(self.store.database, AnchorFile(self.state)))

    def records(self) -> tuple[ActionRecord, ...]:
        with self.ledger().alone() as kept:
            return tuple(kept.records(RecordsWanted()))

    def about(self) -> Circumstances:
        return Circumstances(
            traits_of=lambda name: TRAITS if name == TRAITS.name else None,
            means_of=lambda _: self.place.means(),
            asset_of=lambda _: None,
            kinds_of=lambda ids: ("windows/Sysmon", "intel")[: len(ids)],
            clock=lambda: datetime.now(UTC),
        )

    def approve(self, *, agrees: bool = True) -> int:
        """Let a person answer everything that waits; give how many that were."""
        waiting = [record for record in self.records() if record.state == "waiting"]
        for record in waiting:
            digest = record.proposal.digest
            approval = Approval(proposal=record.id, digest=digest, by="ann", agrees=agrees, way="cli", time=datetime.now(UTC))
            answer(self.ledger(), approval, self.about())
        return len(waiting)

    def hands(self) -> Hands:
        return Hands(
            executor=self.executor or executor_of(self.state),
            store_of=self.store.of,
            ledger_of=lambda _: self.ledger(),
            about_of=lambda _: self.about(),
            playbook_for=lambda _, row: (self.playbooks[-1], facts(row)),
            proposals=_proposals,
            told=lambda *_: self.untold,
            acted=lambda *_: None,
            asked=lambda *_: ("", ""),
            answers_of=lambda *_: {},
            telemetry_of=lambda _: self._telemetry(),
            clock=lambda: datetime.now(UTC),
        )

    def _telemetry(self) -> Seen | None:
        if self.telemetry is None:
            return None
        return Seen(where="telemetry", outcome=self.telemetry, time=datetime.now(UTC), said="events")

    @contextmanager
    def office(self) -> Iterator[Office]:
        with ThreadPoolExecutor(4) as threads:
            yield Office(self.store, self.state, self.hands(), threads, self.said, HURRY, RHYTHM, self.dead_seconds)

    def said(self, event: str, more: Mapping[str, Any]) -> None:
        self.log.append((event, more))


TRAITS = ActionTraits(
    name="block_address", alone_from="L3", undoable=True, expiry_seconds=3600, check_seconds=0, openc2=("deny", "ipv4_net"), d3fend="D3-NTF"
)


def facts(row: LiveIncident) -> IncidentFacts:
    one = row.incident
    return IncidentFacts(
        outcome=one.verdict.outcome if one.verdict else "unjudged", hypothesis="", attack=0.99, level=one.level, tactics=(), techniques=(),
        roles=(), protected=False, hosts=1, signals=1, attackers=1, planned=("block_address",), off_hours=False, synthetic=False,
    )  # fmt: skip


def _proposals(tenant: str, row: LiveIncident, wanted: Wanted, playbook: str) -> tuple[Proposal, ...]:
    one = row.incident
    actions = one.plan.actions if one.plan else ()
    return tuple(
        Proposal(
            tenant=tenant, incident=one.id, action=action.name, targets=(action.target,), evidence=action.evidence,
            kinds=("windows/Sysmon", "intel"), confidence=0.99, blast_radius=0, undoable=True, expiry_seconds=3600,
            asked_by=f"playbook:{playbook}",
        )
        for action in actions
        if action.name == wanted.action
    )  # fmt: skip


def world(place: Place, state: Path, **more: Any) -> World:
    """Open a world."""
    state.mkdir(parents=True, exist_ok=True)
    return World(open_store(place), state, Counting(state / "edge"), **more)


def told(state: Path) -> Any:
    """Give what a subprocess left as its last word."""
    return json.loads((state / "told.json").read_text("utf-8"))
