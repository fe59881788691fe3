"""Walking a playbook: from what became of steps to what is to be done next. Owns the meaning of each step; does nothing, has no clock.

The same playbook, facts and results always give the same way, so that a durable flow can go it again after it was cut off.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from watchkeeper.autopilot.playbooks.holding import holds
from watchkeeper.model.condition import Condition, IncidentFacts, StepOutcome
from watchkeeper.model.playbook import (
    Act,
    Ask,
    Assign,
    Choice,
    Decide,
    End,
    Escalate,
    Inside,
    Outside,
    Parallel,
    Playbook,
    Repeat,
    Tell,
    Wait,
)
from watchkeeper.model.proposal import ActionState
from watchkeeper.model.walked import Became, Due, OpenStep, Position, StepResult, Walked

NOT_SETTLED: frozenset[ActionState] = frozenset({"waiting", "ready", "doing", "in-force", "undoing"})
"""States of an action in which a step that asked for it is not over."""
_REFUSED: frozenset[ActionState] = frozenset({"refused", "denied", "lapsed", "undone"})
_NO_EFFECT: frozenset[ActionState] = frozenset({"ineffective", "failed", "expired"})
"""An action that expired before anybody saw it work counts as without effect; one that people took back, as refused."""
_Way = tuple[str, tuple[str, ...]]
"""A step to enter, and the keys of what it is within."""


def begin(playbook: Playbook, facts: IncidentFacts) -> Position:
    """Give the position at the beginning."""
    fresh = Position(playbook=playbook.name, version=playbook.version)
    return _woken(playbook, _Walk(playbook, facts, fresh).started(), facts)


def next_steps(playbook: Playbook, position: Position, facts: IncidentFacts, results: Sequence[StepResult] = ()) -> Walked:
    """Take what became of steps, and give the position after it with everything that is to be done there.

    Raises:
        ValueError: the position belongs to another playbook or version, or a question was answered with what is no choice of it.
    """
    if (position.playbook, position.version) != (playbook.name, playbook.version):
        raise ValueError(
            f"position {position.playbook!r} version {position.version} is not of playbook {playbook.name!r} version {playbook.version}; "
            "go on with the version that it began with"
        )
    position = _woken(playbook, position, facts)
    for result in results:
        position = _woken(playbook, _Walk(playbook, facts, position).took(result), facts)
    return Walked(position=position, due=tuple(_due(playbook, position)))


def _due(playbook: Playbook, position: Position) -> Iterator[Due]:
    for one in position.open:
        step = playbook.steps[one.step]
        if isinstance(step, Outside):
            yield Due(key=one.key, name=one.step, step=step, seconds=_seconds(step))


def _seconds(step: Outside) -> int | None:
    match step:
        case Act() | Ask():
            return step.within_seconds
        case Wait():
            return step.seconds
        case Assign() | Tell() | Escalate():
            return None
        case _:
            assert_never(step)


def _woken(playbook: Playbook, position: Position, facts: IncidentFacts) -> Position:
    """End the waits whose condition holds; that may make the condition of another hold, never more often than there are steps taken."""
    while key := next(_holding(playbook, position, facts), None):
        position = _Walk(playbook, facts, position).took(StepResult(key=key))
    return position


def _holding(playbook: Playbook, position: Position, facts: IncidentFacts) -> Iterator[str]:
    for one in position.open:
        step = playbook.steps[one.step]
        if isinstance(step, Wait) and step.until is not None and holds(step.until, facts, position.became):
            yield one.key


class _Walk:
    """One change of a position; its parts are changed here, and the position that comes of it is a new one."""

    def __init__(self, playbook: Playbook, facts: IncidentFacts, position: Position) -> None:
        self._playbook, self._facts, self._before = playbook, facts, position
        self._open, self._became, self._taken = list(position.open), dict(position.became), dict(position.taken)
        self._ways: list[_Way] = []

    def took(self, result: StepResult) -> Position:
        """Take what became of an open step; of any other one nothing is taken."""
        one = next((one for one in self._open if one.key == result.key), None)
        if one is None:
            return self._before
        step = self._playbook.steps[one.step]
        became = _became(step, result) if isinstance(step, Outside) else None
        if became is None:
            return self._before
        self._open.remove(one)
        self._became[one.step] = became
        if isinstance(step, Ask):
            self._go(_chosen(step, became.answer).then, step.next, one)
        elif isinstance(step, Outside):
            self._ways.append((_onward(step, became.outcome), one.inside))
        return self.entered()

    def started(self) -> Position:
        """Enter the first step."""
        self._ways.append((self._playbook.start, ()))
        return self.entered()

    def entered(self) -> Position:
        """Go on to the next steps that need somebody."""
        while self._ways:
            name, inside = self._ways.pop(0)
            self._enter(name, inside)
        return self._before.model_copy(update={"open": tuple(self._open), "became": self._became, "taken": self._taken})

    def _enter(self, name: str, inside: tuple[str, ...]) -> None:
        step = self._playbook.steps[name]
        self._taken[name] = self._taken.get(name, 0) + 1
        here = OpenStep(key=f"{name}#{self._taken[name]}", step=name, inside=inside)
        match step:
            case Decide():
                self._go(step.then if self._holds(step.when) else step.otherwise, step.next, here)
            case Parallel():
                self._ways.extend((branch, (*inside, here.key)) for branch in step.branches)
            case Repeat():
                self._again(step, here, 0)
            case End():
                self._ended(inside)
            case _:
                self._open.append(here)

    def _go(self, first: str | None, onward: str, here: OpenStep) -> None:
        """Go a way within a step, or on from it if there is none."""
        self._ways.append((first, (*here.inside, here.key)) if first else (onward, here.inside))

    def _again(self, step: Repeat, here: OpenStep, rounds: int) -> None:
        """Go the way of a repeated step once more, or on from it; its rounds are counted in the key of what is within."""
        again = rounds < step.most and self._holds(step.when)
        self._go(step.body if again else None, step.next, here.model_copy(update={"key": f"{here.key}.{rounds + 1}"}))

    def _ended(self, inside: tuple[str, ...]) -> None:
        """End one way; when it was the last within a step, that one goes on."""
        if not inside or any(inside[-1] in others for others in self._elsewhere()):
            return
        key, _, rounds = inside[-1].partition(".")
        here = OpenStep(key=key, step=key.partition("#")[0], inside=inside[:-1])
        step = self._playbook.steps[here.step]
        if isinstance(step, Repeat):
            self._again(step, here, int(rounds))
        elif isinstance(step, Inside):
            self._ways.append((step.next, here.inside))

    def _elsewhere(self) -> Iterator[tuple[str, ...]]:
        yield from (one.inside for one in self._open)
        yield from (inside for _, inside in self._ways)

    def _holds(self, condition: Condition) -> bool:
        return holds(condition, self._facts, self._became)


def _became(step: Outside, result: StepResult) -> Became | None:
    """Say how a step came out; nothing while it is not over."""
    match step:
        case Act():
            waits = result.outcome == "done" and NOT_SETTLED.intersection(result.states)
            return None if waits else Became(outcome=_worst(result))
        case Ask():
            answered = result.outcome == "done"
            chosen = _chosen(step, result.answer if answered else step.default)
            return Became(outcome="answered" if answered else "lapsed", answer=chosen.name)
        case Wait():
            return Became(outcome="lapsed" if result.outcome != "done" and step.until is not None else "done")
        case Assign() | Tell() | Escalate():
            return Became(outcome="done" if result.outcome == "done" else "failed")
        case _:
            assert_never(step)


def _onward(step: Act | Assign | Wait | Tell | Escalate, outcome: StepOutcome) -> str:
    match step, outcome:
        case Act(), "refused":
            return step.on_refused or step.next
        case Act(), "ineffective" | "failed" | "lapsed":
            return step.on_ineffective or step.next
        case Wait(), "lapsed":
            return step.on_lapsed or step.next
        case _:
            return step.next


def _worst(result: StepResult) -> StepOutcome:
    """Say how actions came out together: what should be in force and is not weighs most."""
    if result.outcome == "failed":
        return "failed"
    if _NO_EFFECT.intersection(result.states):
        return "ineffective"
    if _REFUSED.intersection(result.states):
        return "refused"
    if result.outcome == "lapsed":
        return "lapsed"
    return "verified" if result.states else "nothing"


def _chosen(step: Ask, answer: str) -> Choice:
    for one in step.choices:
        if one.name == answer:
            return one
    raise ValueError(f"{answer[:60]!r} is no answer to that question; there are {', '.join(one.name for one in step.choices)}")
