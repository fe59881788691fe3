"""The way of one incident: its steps in order, and what it does when something becomes otherwise meanwhile. Owns the order alone.

It has no clock and asks nothing by itself: all that it goes by are results of steps, which are kept. So it goes the same way again after
it was cut off, up to where it was.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from watchkeeper.autopilot.durable.stepping import Gave, Step, Steps
from watchkeeper.autopilot.durable.works import ADOPTED, Works
from watchkeeper.autopilot.playbooks.walking import NOT_SETTLED, begin, next_steps
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.flow import Operation
from watchkeeper.model.playbook import Act, Ask, Outside, Playbook, Wait
from watchkeeper.model.proposal import ActionState
from watchkeeper.model.walked import Due, StepResult

MOST_ROUNDS = 100
"""A flow goes through its playbook so often; an incident that grows more often begins another flow."""
_HELD_SECONDS = 10.0
"""What somebody else is at is asked for again after so long."""

Went = Literal["through", "grown", "over"]
"""It came to the end; the incident is another one; the incident was closed or goes on in another."""
Watch = Callable[[str, "Known", datetime | None], Awaitable[Gave]]
"""Waits until something stands otherwise than known, or for a time; the first is what the wait is kept by."""


@dataclass(slots=True)
class Known:
    """What a flow knows of what it may wait for."""

    core: str = ""
    actions: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    """How its actions stand, by their ids."""
    answers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class _Open:
    """A step of the playbook that is being done."""

    until: datetime | None
    actions: tuple[str, ...] = ()
    question: str = ""
    result: Literal["done", "failed"] | None = None
    """What came of a step that is done at once."""


class Way:
    """One flow on its way."""

    def __init__(self, steps: Steps, works: Works, watch: Watch, number: int) -> None:
        """Take what takes its steps, what they do, what waits, and which time the incident is walked."""
        self._steps = steps
        self._works = works
        self._watch = watch
        self._number = number
        self._known = Known()
        self._looks: dict[str, list[datetime]] = {}
        self._given_up: set[str] = set()
        self._failed = False
        self._round = 0
        self._waits = 0
        self._now: datetime | None = None

    async def gone(self) -> None:
        """Go the whole way, again from the right step each time that the incident becomes another one."""
        went: Went = "grown"
        while went == "grown" and self._round < MOST_ROUNDS:
            self._round += 1
            await self._adopt()
            went = await self._respond()
        if went == "over":
            await self._take("report", "ended", "end the flow of what was closed", self._works.end)
            return
        await self._take("verify", "verified", "sum up the actions", partial(self._works.verify, tuple(self._known.actions)))
        await self._take(
            "report", "reported", "write down what was done", partial(self._works.report, tuple(self._known.actions), failed=self._failed)
        )

    async def _adopt(self) -> None:
        for operation in ADOPTED:
            await self._take(operation, "adopted", f"take in what {operation} found", partial(self._works.adopt, operation))

    async def _respond(self) -> Went:
        gave = await self._take("respond", "chosen", "choose a playbook", partial(self._works.choose, self._number))
        if gave.failed or gave.told.get("over"):
            return "over" if gave.told.get("over") else "through"
        self._known.core = gave.told["core"]
        if gave.told["playbook"] is None:
            return "through"
        anew = bool(gave.told["before"]) and _verdict(gave.told["before"]) != _verdict(gave.told["core"])
        facts = IncidentFacts.model_validate(gave.told["facts"])
        return await self._walk(Playbook.model_validate(gave.told["playbook"]), facts, anew=anew)

    async def _walk(self, playbook: Playbook, facts: IncidentFacts, *, anew: bool) -> Went:
        walked, opened = next_steps(playbook, begin(playbook, facts), facts), dict[str, _Open]()
        while True:
            for due in walked.due:
                if due.key not in opened:
                    opened[due.key] = await self._entered(due, playbook.name, anew=anew)
            await self._look()
            results = [result for due in walked.due if (result := await self._settled(due, opened[due.key]))]
            if not results and not walked.due and not self._looks:
                return "through"
            if not results and (changed := await self._waited(walked.due, opened)):
                return changed
            walked = next_steps(playbook, walked.position, facts, results)

    async def _entered(self, due: Due, playbook: str, *, anew: bool) -> _Open:
        """Begin a step of the playbook."""
        step, tries = due.step, f"{due.step.kind} {due.name!r} of playbook {playbook!r}"
        match step:
            case Act():
                gave = await self._take("respond", f"proposed {due.key}", tries, partial(self._works.propose, step, playbook, anew=anew))
                self._known.actions |= gave.told.get("actions", {})
                for id_, stood in gave.told.get("actions", {}).items():
                    self._to_look_at(id_, stood)
                return _Open(_until(due, gave), tuple(gave.told.get("actions", {})), result="failed" if gave.failed else None)
            case Ask():
                gave = await self._take("respond", f"asked {due.key}", tries, partial(self._works.ask, step, f"{self._round}/{due.key}"))
                return _Open(_until(due, gave), question=gave.told.get("question", ""), result="failed" if gave.failed else None)
            case Wait():
                return _Open(_until(due, await self._steps.kept("now", self._key(due.key), _nothing)))
            case _:
                gave = await self._take("respond", f"told {due.key}", tries, partial(self._works.tell, step, f"{self._round}/{due.key}"))
                return _Open(None, result="failed" if gave.failed else "done")

    async def _settled(self, due: Due, opened: _Open) -> StepResult | None:
        """Give what became of a step of the playbook; none while it is not over."""
        if isinstance(due.step, Act) and opened.result is None:
            for id_ in opened.actions:
                await self._act(id_)
            states = self._states(opened.actions)
            if not NOT_SETTLED.intersection(states):
                return StepResult(key=due.key, states=states)
            return StepResult(key=due.key, outcome="lapsed", states=states) if self._is_past(opened.until) else None
        if opened.question in self._known.answers:
            return StepResult(key=due.key, answer=self._known.answers[opened.question])
        if opened.result is not None:
            return StepResult(key=due.key, outcome=opened.result)
        return StepResult(key=due.key, outcome=_when_over(due.step)) if self._is_past(opened.until) else None

    async def _act(self, id_: str) -> None:
        if id_ in self._given_up or self._known.actions[id_]["state"] not in {"ready", "doing"}:
            return
        self._waits += 1
        gave = await self._take("respond", f"acted {id_} {self._waits}", f"do action {id_}", partial(self._works.act, id_))
        if gave.failed:
            self._given_up.add(id_)
            return
        self._known.actions[id_] = dict(gave.told)
        self._to_look_at(id_, gave.told)

    def _to_look_at(self, id_: str, stood: Any) -> None:
        """Note when an action has to be looked at: soon, and at the end of the window in which its effect has to show."""
        if stood["state"] in {"in-force", "verified"} and stood["done"] and id_ not in self._looks:
            done, window = datetime.fromisoformat(stood["done"]), float(stood["window"])
            first = [done + timedelta(seconds=min(window, self._steps.pace.first_look_seconds))] if stood["state"] == "in-force" else []
            self._looks[id_] = [*first, done + timedelta(seconds=window)]

    async def _look(self) -> None:
        for id_, times in list(self._looks.items()):
            if self._known.actions[id_]["state"] not in {"in-force", "verified"}:
                del self._looks[id_]
            elif self._is_past(times[0]):
                last = len(times) == 1
                self._waits += 1
                gave = await self._take(
                    "verify", f"looked {id_} {self._waits}", f"look at action {id_}", partial(self._works.look, id_, last=last)
                )
                self._known.actions[id_] = dict(gave.told) if not gave.failed else self._known.actions[id_]
                if last:
                    del self._looks[id_]
                else:
                    del times[0]

    async def _waited(self, due: tuple[Due, ...], opened: dict[str, _Open]) -> Went | None:
        """Wait for something to be otherwise, or for the next time that anything is due; give why the walk ends, if it does."""
        times = [opened[one.key].until for one in due] + [times[0] for times in self._looks.values()]
        if self._now and any(one["state"] == "doing" for one in self._known.actions.values()):
            times.append(self._now + timedelta(seconds=_HELD_SECONDS))
        until = min((time for time in times if time is not None), default=None)
        self._waits += 1
        gave = await self._watch(self._key(f"{self._waits}"), self._known, until)
        self._now = gave.at
        if gave.told["over"]:
            return "over"
        self._known.actions |= gave.told["actions"]
        self._known.answers = dict(gave.told["answers"])
        for id_, stood in self._known.actions.items():
            self._to_look_at(id_, stood)
        return "grown" if gave.told["core"] != self._known.core else None

    async def _take(self, operation: Operation, name: str, tries: str, work: Any) -> Gave:
        first, _, which = name.partition(" ")
        gave = await self._steps.take(Step(operation, f"{operation} {first}", self._key(which), tries, work))
        self._now = gave.at
        self._failed = self._failed or gave.failed
        return gave

    def _key(self, which: str) -> str:
        return f"{self._number}.{self._round} {which}".strip()

    def _states(self, ids: tuple[str, ...]) -> tuple[ActionState, ...]:
        """Give how actions stand; what could not be begun in however many tries has failed as far as the playbook goes."""
        states = {id_: self._known.actions[id_]["state"] for id_ in ids}
        return tuple("failed" if id_ in self._given_up and state in {"ready", "doing"} else state for id_, state in states.items())

    def _is_past(self, time: datetime | None) -> bool:
        return time is not None and self._now is not None and self._now >= time


def _verdict(core: str) -> str:
    return core.partition(".")[0]


def _until(due: Due, gave: Gave) -> datetime | None:
    return None if due.seconds is None else gave.at + timedelta(seconds=due.seconds)


def _when_over(step: Outside) -> Literal["done", "lapsed"]:
    return "done" if isinstance(step, Wait) and step.until is None else "lapsed"


async def _nothing() -> dict[str, Any]:
    return {"told": {}, "failed": False}
