"""The walker: which incidents need a flow, which flows are woken, what time asks for, who died. Owns that loop of one executor.

It asks the store four times a second which tenants have changes, in one question for all. Truth is in the store: what DBOS has not, or
could not go on with, is begun again from there, and nothing is done twice.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from watchkeeper.autopilot.durable.by_hand import ByHand
from watchkeeper.autopilot.durable.carrier import SHAPE, carried, give_up, take_over, unfinished
from watchkeeper.autopilot.durable.executors import BEAT_SECONDS, Heart
from watchkeeper.autopilot.durable.flow import Walking
from watchkeeper.autopilot.durable.flows import flow_id, is_walkable, needs_one
from watchkeeper.autopilot.durable.hands import Hands
from watchkeeper.autopilot.durable.stepping import Pace
from watchkeeper.autopilot.durable.waking import Waking
from watchkeeper.brain.ethics.acting import due
from watchkeeper.brain.ethics.ledger import RecordsWanted
from watchkeeper.model.flow import Flow, Stage
from watchkeeper.model.note import Note
from watchkeeper.model.notice import Failure
from watchkeeper.store import Store, Wanted

MOST_LOST = 3
"""A flow that cannot be gone on with is begun again so often; then it stays failed until its incident is another one."""
_OPEN = ("open", "re-opened")
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often what is done, seconds."""

    round: float = 0.25
    """Changes are looked for."""
    due: float = 5.0
    """What lapses and expires is looked for."""
    lost: float = 30.0
    """Flows that nobody carries are looked for."""
    beat: float = BEAT_SECONDS


@dataclass(frozen=True, slots=True)
class Office:
    """What a walker works with."""

    store: Store
    """The store of any tenant."""
    state: Path
    """The state folder, with the key."""
    hands: Hands
    threads: Executor
    """Threads in which steps work: as many places can be slow at once."""
    told: Callable[[str, Mapping[str, Any]], None]
    """Told of what is worth a line in the log: an event's name, and what about it."""
    pace: Pace = field(default_factory=Pace)
    rhythm: Rhythm = field(default_factory=Rhythm)
    dead_seconds: float = 60.0


async def walk(office: Office, stopping: Callable[[], bool], seen: Callable[["Walker"], None] = lambda _: None) -> None:
    """Walk flows until told to stop; those that wait then go on at the next start. `seen` is shown how it goes, once a round.

    Raises:
        OSError: the key or the database cannot be used.
        ValueError: the key is damaged, or another executor took over from this one.
    """
    waking = Waking()
    walking = Walking(office.hands, waking, office.pace, office.threads)
    with carried(office.store.beside(), office.state, office.hands.executor, walking.register):
        walker = Walker(office, walking, waking)
        await walker.begin()
        while not stopping():
            await walker.round()
            seen(walker)
            await asyncio.sleep(office.rhythm.round)


class Walker:
    """One executor's loop."""

    def __init__(self, office: Office, walking: Walking, waking: Waking) -> None:
        """Take what it works with, what begins flows, and what wakes them."""
        self._office = office
        self._walking = walking
        self.waking = waking
        self.heart = Heart(office.store, office.hands.executor, dead_seconds=office.dead_seconds)
        walking.is_well = lambda: self.heart.is_well
        self._by_hand = ByHand(office.hands)
        self._changes: dict[str, int] = {}
        self._beats: dict[str, float] = {}
        self._doing: dict[str, asyncio.Task[None]] = {}
        self.hindered = ""
        """What stood in the way last; empty if nothing does."""

    async def begin(self) -> None:
        """Say that one is alive, let flows of another shape end, and begin everything that needs a flow."""
        await self._in_thread(self.heart.begin)
        await self._unshaped()
        self._changes = await self._in_thread(self._office.store.last_changes)
        for tenant in await self._in_thread(self._office.store.tenants):
            await self._scan(tenant)
            await self._acted(tenant, await self._in_thread(partial(self._waiting, tenant)))
        await self._lost()

    def _waiting(self, tenant: str) -> tuple[str, ...]:
        """Give the actions of a tenant that wait for people: whoever died may not have told them."""
        with self._office.hands.ledger_of(tenant).alone() as kept:
            return tuple(record.id for record in kept.records(RecordsWanted(states=("waiting",))))

    async def round(self) -> None:
        """Do what is due.

        Raises:
            ValueError: another executor took over from this one.
        """
        try:
            if self._is_due("beat", self._office.rhythm.beat):
                await self._in_thread(self.heart.beat)
                await self._take_over()
            await self._changed()
            if self._is_due("lost", self._office.rhythm.lost):
                await self._lost()
        except OSError as error:
            self.hindered = f"{type(error).__name__}: {error}"
            return
        self.hindered = ""
        if self._is_due("due", self._office.rhythm.due):
            for tenant in self._changes:
                self._alone(tenant)

    async def _changed(self) -> None:
        for tenant, number in (await self._in_thread(self._office.store.last_changes)).items():
            before = self._changes.get(tenant, -1)
            if number == before:
                continue
            found = await self._in_thread(partial(self._office.hands.store_of(tenant).changed_since, before))
            self._changes[tenant] = max((one.number for one in found.changes), default=number)
            if found.missed:
                await self._scan(tenant)
                self.waking.wake_all(tenant)
            self.waking.wake((tenant, one.id) for one in found.changes if one.kind != "flow")
            await self._wanted(tenant, dict.fromkeys(one.id for one in found.changes if one.kind in {"incident", "standing"}))
            await self._acted(tenant, dict.fromkeys(one.id for one in found.changes if one.kind == "action"))

    async def _acted(self, tenant: str, ids: Iterable[str]) -> None:
        """Tell people of actions; that they cannot be told stops no action."""
        try:
            await self._in_thread(partial(self._office.hands.acted, tenant, ids))
        except (OSError, ValueError) as error:
            self._office.told("actions_not_told", {"tenant": tenant, "why": str(error)})

    async def _scan(self, tenant: str) -> None:
        """Begin a flow for every incident of a tenant that needs one."""
        after = None
        while True:
            wanted = Wanted(status=_OPEN, shown=True, order="first", after=after, most=_PAGE)
            rows = await self._in_thread(partial(self._office.hands.store_of(tenant).live_incidents, wanted))
            await self._wanted(tenant, [row.incident.id for row in rows if is_walkable(row)])
            if len(rows) < _PAGE:
                return
            last = rows[-1]
            after = (last.incident.start or last.opened, last.incident.id)

    async def _wanted(self, tenant: str, incidents: Iterable[str]) -> None:
        store = self._office.hands.store_of(tenant)
        for incident in incidents:
            row = await self._in_thread(partial(store.live_incident, incident))
            flow = await self._in_thread(partial(store.flow, incident))
            if row is not None and needs_one(row, flow):
                await self._begin(tenant, incident, flow.number + 1 if flow else 1)

    async def _begin(self, tenant: str, incident: str, number: int) -> None:
        """Begin a flow; a number that was used up before what is kept of it was restored is passed over."""
        while await self._walking.begin(tenant, incident, number) == "over":
            number += 1

    async def _lost(self) -> None:
        """Begin those flows again that are not over and that nothing carries any more."""
        carried = set(await self._in_thread(unfinished))
        for tenant in await self._in_thread(self._office.store.tenants):
            for flow in await self._in_thread(partial(self._office.hands.store_of(tenant).flows, ("walking", "waiting"))):
                if flow_id(tenant, flow.incident, flow.number) not in carried:
                    await self._begun_again(tenant, flow)

    async def _begun_again(self, tenant: str, flow: Flow) -> None:
        why = await self._walking.ended(tenant, flow.incident, flow.number)
        again = await self._in_thread(partial(self._office.hands.store_of(tenant).flow, flow.incident))
        if why is None or again is None or (again.number, again.state in {"walking", "waiting"}) != (flow.number, True):
            return  # it is underway, or came to its end meanwhile
        if why:
            self._office.told("flow_refused", {"tenant": tenant, "incident": flow.incident, "number": flow.number, "why": why})
        change = partial(_again, number=flow.number, why=why, now=self._office.hands.clock())
        after = await self._in_thread(
            partial(self._office.hands.store_of(tenant).change_flow, flow.incident, lambda one: change(one or flow))
        )
        if after.state != "failed":
            await self._begin(tenant, flow.incident, after.number)

    async def _unshaped(self) -> None:
        """Let flows end that were begun in another shape; they are begun again, from the store."""
        others = [id_ for id_, shape in (await self._in_thread(unfinished)).items() if shape != SHAPE]
        if others:
            self._office.told("flows_begun_again", {"count": len(others), "why": "this version walks them otherwise"})
            await self._in_thread(partial(give_up, others))

    async def _take_over(self) -> None:
        for name in await self._in_thread(self.heart.dead):
            count = await self._in_thread(partial(take_over, name))
            self._office.told("flows_taken_over", {"executor": name, "count": count})
            await self._unshaped()

    def _alone(self, tenant: str) -> None:
        """Do what time asks for in a tenant, unless that is being done."""
        doing = self._doing.get(tenant)
        if doing is None or doing.done():
            self._doing[tenant] = asyncio.create_task(self._due(tenant))

    async def _due(self, tenant: str) -> None:
        hands = self._office.hands
        if not self.heart.is_well:
            return
        try:
            await self._in_thread(lambda: due(hands.ledger_of(tenant), hands.about_of(tenant)))
            await self._in_thread(partial(self._by_hand.look, tenant))
        except OSError as error:
            self.hindered = f"{type(error).__name__}: {error}"
        except Exception as error:  # noqa: BLE001 -- an edge: one tenant's trouble must stop no other's, and is shown
            self._office.told("due_failed", {"tenant": tenant, "why": f"{type(error).__name__}: {error}"})

    def _is_due(self, what: str, seconds: float) -> bool:
        now = monotonic()
        if now < self._beats.get(what, 0.0):
            return False
        self._beats[what] = now + seconds
        return True

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.to_thread(work)


def _again(flow: Flow, number: int, why: str, now: datetime) -> Flow:
    """Give a flow under its next number, with why it could not be gone on with; one that was refused too often has failed."""
    if flow.number != number:
        return flow  # somebody else noticed too, and was first
    if why:
        failure = Failure(step="respond", tried="go on with the flow", error=why[:2_000])
        flow = flow.with_stage(Stage(key=f"lost {number}", operation="respond", time=now, said=Note(code="walked.lost"), failure=failure))
    lost = sum(stage.key.startswith("lost ") for stage in flow.stages)
    return flow.model_copy(update={"number": number + 1, "state": "failed" if why and lost >= MOST_LOST else flow.state, "changed": now})
