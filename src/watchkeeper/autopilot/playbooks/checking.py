"""Checking a playbook's graph: every fault that would let it go astray, named. Owns what a sound graph is; reading is `reading`'s."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import assert_never

from watchkeeper.model.condition import Condition, Every, FactHolds, NoneOf, Some, StepBecame
from watchkeeper.model.playbook import Act, Ask, Assign, Decide, End, Escalate, Parallel, Playbook, Repeat, Step, Tell, Wait

MOST_DEPTH = 8
"""Conditions within conditions."""


def faults(playbook: Playbook, actions: Collection[str]) -> tuple[str, ...]:
    """Give every fault of a playbook's graph as a sentence; none if it is sound. `actions` are the names of the catalogue."""
    unknown = tuple(_unknown(playbook))
    if unknown:
        return unknown
    walk = _Regions(playbook)
    return (*walk.faults(), *_unreached(playbook, walk.reached), *_unknown_actions(playbook, actions), *_conditions(playbook))


def leads_to(step: Step) -> tuple[str, ...]:
    """Give the names of the steps that may come after a step, without those that are within it."""
    match step:
        case Act():
            return _named(step.next, step.on_refused, step.on_ineffective)
        case Wait():
            return _named(step.next, step.on_lapsed)
        case Assign() | Tell() | Escalate() | Ask() | Decide() | Parallel() | Repeat():
            return (step.next,)
        case End():
            return ()
        case _:
            assert_never(step)


def holds_within(step: Step) -> tuple[str, ...]:
    """Give the names of the first steps of the ways within a step."""
    match step:
        case Ask():
            return _named(*(choice.then for choice in step.choices))
        case Decide():
            return _named(step.then, step.otherwise)
        case Parallel():
            return step.branches
        case Repeat():
            return (step.body,)
        case _:
            return ()


def asked_conditions(step: Step) -> tuple[Condition, ...]:
    """Give the conditions that a step asks."""
    match step:
        case Decide() | Repeat():
            return (step.when,)
        case Wait():
            return (step.until,) if step.until else ()
        case _:
            return ()


def _named(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _unknown(playbook: Playbook) -> Iterator[str]:
    if playbook.start not in playbook.steps:
        yield f"`start` is {playbook.start!r}, which is no step"
    for name, step in playbook.steps.items():
        for other in (*leads_to(step), *holds_within(step)):
            if other not in playbook.steps:
                yield f"step {name!r} leads to {other!r}, which is no step"
        if isinstance(step, Ask):
            yield from _choices(name, step)


def _choices(name: str, step: Ask) -> Iterator[str]:
    names = [choice.name for choice in step.choices]
    if len(set(names)) < len(names):
        yield f"step {name!r} has two choices of one name"
    if step.default not in names:
        yield f"step {name!r}: its default {step.default!r} is none of its choices {', '.join(names)}"


@dataclass(slots=True)
class _Regions:
    """A walk over the graph that says which steps are within which; what is within a step is left only by its end."""

    playbook: Playbook
    region: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Step to the parallel and repeated steps, and branches of them, that it is within."""
    found: list[str] = field(default_factory=list[str])

    @property
    def reached(self) -> Collection[str]:
        return self.region

    def faults(self) -> tuple[str, ...]:
        waiting: list[tuple[str, tuple[str, ...]]] = [(self.playbook.start, ())]
        while waiting:
            name, within = waiting.pop()
            if name in self.region:
                if self.region[name] != within and not isinstance(self.playbook.steps[name], End):
                    self.found.append(f"step {name!r} is reached from within {_where(within)} and from {_where(self.region[name])}")
                continue
            self.region[name] = within
            step = self.playbook.steps[name]
            waiting.extend((other, within) for other in leads_to(step))
            waiting.extend((first, (*within, f"{name}/{first}")) for first in holds_within(step))
        return (*dict.fromkeys(self.found), *_cycle(self.playbook))


def _where(within: tuple[str, ...]) -> str:
    return f"the way {within[-1]!r}" if within else "the main way"


def _cycle(playbook: Playbook) -> Iterator[str]:
    """Say of the first cycle that it is one: only a step of kind `repeat` goes a way again, and it has a bound.

    Without cycles every way ends, since only a step of kind `end` leads nowhere.
    """
    done: set[str] = set()
    for start in playbook.steps:
        path: list[str] = []
        waiting: list[tuple[str, bool]] = [(start, False)]
        while waiting:
            name, left = waiting.pop()
            if left:
                done.add(path.pop())
                continue
            if name in path:
                yield f"steps go round without a bound: {' -> '.join((*path[path.index(name) :], name))}; use a step of kind `repeat`"
                return
            if name in done:
                continue
            path.append(name)
            waiting.append((name, True))
            step = playbook.steps[name]
            waiting.extend((other, False) for other in (*leads_to(step), *holds_within(step)))


def _unreached(playbook: Playbook, reached: Collection[str]) -> Iterator[str]:
    for name in playbook.steps:
        if name not in reached:
            yield f"step {name!r} is never reached"


def _unknown_actions(playbook: Playbook, actions: Collection[str]) -> Iterator[str]:
    for name, step in playbook.steps.items():
        if isinstance(step, Act):
            for wanted in step.actions:
                if wanted.action not in actions:
                    yield f"step {name!r} asks for {wanted.action!r}, which is not in the catalogue; there are {', '.join(sorted(actions))}"


def _conditions(playbook: Playbook) -> Iterator[str]:
    yield from _condition("`for`", playbook.wanted, {})
    for name, step in playbook.steps.items():
        for condition in asked_conditions(step):
            yield from _condition(f"step {name!r}", condition, playbook.steps)


def _condition(where: str, condition: Condition, steps: dict[str, Step], depth: int = 1) -> Iterator[str]:
    if depth > MOST_DEPTH:
        yield f"{where} has conditions more than {MOST_DEPTH} deep"
        return
    match condition:
        case FactHolds():
            return
        case StepBecame():
            yield from _spoken_of(where, condition, steps)
        case Every() | Some() | NoneOf():
            for one in _parts(condition):
                yield from _condition(where, one, steps, depth + 1)
        case _:
            assert_never(condition)


def _parts(condition: Every | Some | NoneOf) -> tuple[Condition, ...]:
    match condition:
        case Every():
            return condition.every
        case Some():
            return condition.some
        case NoneOf():
            return condition.none


def _spoken_of(where: str, condition: StepBecame, steps: dict[str, Step]) -> Iterator[str]:
    step = steps.get(condition.step)
    if step is None:
        yield f"{where} asks about {condition.step!r}, which is no step{'' if steps else '; `for` asks of the incident alone'}"
        return
    known = {choice.name for choice in step.choices} if isinstance(step, Ask) else set[str]()
    for answer in condition.answered:
        if answer not in known:
            yield f"{where} asks whether {condition.step!r} was answered {answer!r}, which is none of its choices"
