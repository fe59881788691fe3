"""Taking a step of a flow so that it is taken once. Owns trying again, and that what cannot be done becomes a `Failure` that people see.

A step's work is idempotent by what is in the store, and its result is kept by DBOS. So a flow that is cut off goes through its steps
again, takes what was kept of each, and does the one that it was cut off in anew.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from dbos import DBOS

from watchkeeper.autopilot.durable.flows import begun
from watchkeeper.autopilot.durable.hands import Hands
from watchkeeper.model.flow import Flow, FlowState, Operation, Stage
from watchkeeper.model.note import Note
from watchkeeper.model.notice import Failure

Told = dict[str, Any]
"""What a step gives, as JSON."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take; tests are in more of a hurry."""

    attempts: int = 6
    """A step that fails with an `OSError` is tried so often."""
    first_pause_seconds: float = 1.0
    """The first pause between two tries; each is twice as long as the one before it."""
    longest_pause_seconds: float = 30.0
    first_look_seconds: float = 1.0
    """An action is looked at for the first time after so long, and again at the end of its window."""

    def pause(self, attempt: int) -> float:
        """Give how long to wait after so many failed tries, seconds."""
        return min(self.longest_pause_seconds, self.first_pause_seconds * 2.0 ** (attempt - 1))


@dataclass(frozen=True, slots=True)
class Done:
    """What the work of a step made."""

    told: Told = field(default_factory=dict[str, Any])
    """What the flow goes on with."""
    said: Note | None = None
    """What was done, for people; none if it is not worth a line."""
    digest: str = ""
    """Digest of the noun that it took in or made."""
    failure: Failure | None = None
    """What an operation that was done elsewhere left as its failure."""
    state: FlowState | None = None
    """How the flow stands from then on; none: as before."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow."""

    operation: Operation
    name: str
    """What it is called where its result is kept."""
    key: str
    """Which one of this name, unlike every other of the flow."""
    tries: str
    """What it tries to do, for the `Failure` if it cannot."""
    work: Callable[[], Done]
    """Does it; it is called from a thread and may take seconds."""


@dataclass(frozen=True, slots=True)
class Gave:
    """What a step gave."""

    told: Mapping[str, Any]
    at: datetime
    """When it was over; a flow has no other clock."""
    failed: bool


class Steps:
    """Takes the steps of one flow."""

    def __init__(self, hands: Hands, flow: tuple[str, str, int], pace: Pace, threads: Executor) -> None:
        """Take what to ask, which flow it is, how fast, and the threads in which work is done."""
        self.hands = hands
        self.pace = pace
        self.tenant, self.incident, self._number = flow
        self._threads = threads

    async def take(self, step: Step) -> Gave:
        """Take a step, or give what it gave when it was taken before.

        Raises:
            ValueError: what is kept is of another step: somebody moved it there.
        """
        return await self.kept(step.name, step.key, partial(self._tried, step))

    async def kept(self, name: str, key: str, work: Callable[[], Any]) -> Gave:
        """Let something be done once and its result kept, bound to its place."""
        place = [self.tenant, self.incident, self._number, name, key]

        async def placed() -> Told:
            return {**await work(), "place": place, "at": self.hands.clock().isoformat()}

        gave = await DBOS.run_step_async({"name": name}, placed)
        if gave.get("place") != place:
            raise ValueError(f"what is kept of step {name!r} {key!r} belongs elsewhere: somebody moved it there; it is not used")
        return Gave(gave["told"], datetime.fromisoformat(gave["at"]), bool(gave["failed"]))

    async def _tried(self, step: Step) -> Told:
        attempt = 1
        while True:
            try:
                done = await self._in_thread(step.work)
                if done.said:
                    await self._in_thread(partial(self._kept_stage, self._stage(step, attempt, done), done.state))
            except OSError as error:
                if attempt >= self.pace.attempts and await self._given_up(step, attempt, error):
                    return {"told": {}, "failed": True}
                await asyncio.sleep(self.pace.pause(attempt))
                attempt += 1
            except Exception as error:  # noqa: BLE001 -- the boundary of a durable step: what went wrong becomes a value that a person sees
                await self.patiently(partial(self._kept_stage, self._failure(step, attempt, error)))
                return {"told": {}, "failed": True}
            else:
                return {"told": done.told, "failed": False}

    async def patiently(self, work: Callable[[], Any]) -> Any:
        """Do something in a thread, however long the store does not answer."""
        pauses = 1
        while True:
            try:
                return await self._in_thread(work)
            except OSError:
                await asyncio.sleep(self.pace.pause(pauses))
                pauses += 1

    async def _given_up(self, step: Step, attempt: int, error: Exception) -> bool:
        """Note a failure; False if the store does not answer, in which case it may be what failed, and it is tried again."""
        try:
            await self._in_thread(partial(self._kept_stage, self._failure(step, attempt, error)))
        except OSError:
            return False
        return True

    def _failure(self, step: Step, attempt: int, error: Exception) -> Stage:
        failure = Failure(step=step.operation, tried=step.tries, error=f"{type(error).__name__}: {error}"[:2_000])
        return self._stage(step, attempt, Done(said=Note(code="walked.failed", arguments={"tried": step.tries}), failure=failure))

    def _stage(self, step: Step, attempt: int, done: Done) -> Stage:
        said = done.said or Note(code="walked.nothing")
        key = f"{step.name} {step.key}".strip()[:200]
        return Stage(
            key=key, operation=step.operation, time=self.hands.clock(), said=said, digest=done.digest, tried=attempt, failure=done.failure
        )

    def _kept_stage(self, stage: Stage, state: FlowState | None = None) -> None:
        def with_it(before: Flow | None) -> Flow:
            flow = before or begun(self.incident, "", self._number, self.hands.clock())
            return flow.with_stage(stage).model_copy(update={"changed": stage.time, "state": state or flow.state})

        self.hands.store_of(self.tenant).change_flow(self.incident, with_it)

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
