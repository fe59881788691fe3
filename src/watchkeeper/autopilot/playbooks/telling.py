"""A playbook as lines to read: each step, what it does, and what comes after it. Owns the layout, for a terminal and for documents."""

from collections.abc import Iterator
from typing import assert_never

from watchkeeper.autopilot.playbooks.checking import holds_within, leads_to
from watchkeeper.autopilot.playbooks.wording import VALUES, in_words, with_values
from watchkeeper.model.condition import Condition, Every, FactHolds, NoneOf, Some, StepBecame
from watchkeeper.model.language import Language
from watchkeeper.model.playbook import Act, Ask, Assign, Decide, End, Escalate, Parallel, Playbook, Repeat, Step, Tell, Wait, Words


def steps_told(playbook: Playbook, language: Language) -> Iterator[str]:
    """Yield a line a step in the order in which they are reached; what is within a step is set in."""
    yield f"for {condition_told(playbook.wanted)}"
    yield from _way(playbook, playbook.start, language, 1, set())


def _way(playbook: Playbook, first: str, language: Language, deep: int, told: set[str]) -> Iterator[str]:
    waiting = [first]
    while waiting:
        name = waiting.pop(0)
        step = playbook.steps[name]
        if name in told or isinstance(step, End):
            continue
        told.add(name)
        yield f"{'  ' * deep}{name}: {_said(step, language)}{_after(step)}"
        for within in holds_within(step):
            yield from _way(playbook, within, language, deep + 1, told)
        waiting.extend(leads_to(step))


def _after(step: Step) -> str:
    match step:
        case Act():
            ways = (("refused", step.on_refused), ("no effect", step.on_ineffective))
        case Wait():
            ways = (("not in time", step.on_lapsed),)
        case _:
            ways = ()
    other = [f"if {why}: {name}" for why, name in ways if name]
    return f" -> {'; '.join([*leads_to(step)[:1], *other])}" if other else ""


def _said(step: Step, language: Language) -> str:
    if isinstance(step, Tell | Escalate | Assign | Ask):
        return _said_to_people(step, language)
    match step:
        case Act():
            return ", ".join(f"{one.action}{_roles(one.targets.roles, one.targets.not_roles)}" for one in step.actions)
        case Wait():
            said = f"wait {step.seconds} s" + (f", or until {condition_told(step.until)}" if step.until else "")
        case Decide():
            said = f"if {condition_told(step.when)}: {step.then or '-'}, otherwise {step.otherwise or '-'}"
        case Parallel():
            said = f"at the same time: {', '.join(step.branches)}"
        case Repeat():
            said = f"while {condition_told(step.when)}, {step.most} times at most: {step.body}"
        case End():
            said = "end"
        case _:
            assert_never(step)
    return said


def _said_to_people(step: Tell | Escalate | Assign | Ask, language: Language) -> str:
    match step:
        case Assign():
            return f"assign to {step.to}"
        case Tell():
            return f"tell: {_worded(step.say, language)}"
        case Escalate():
            return f"escalate to {step.to}: {_worded(step.say, language)}"
        case Ask():
            choices = " / ".join(f"{one.name}{' (default)' if one.name == step.default else ''}" for one in step.choices)
            return f"ask {step.to}: {_worded(step.question, language)} [{choices}; {step.within_seconds} s]"
        case _:
            assert_never(step)


def _worded(words: Words, language: Language) -> str:
    return in_words(with_values(words, {name: f"<{name}>" for name in VALUES}), language)


def _roles(roles: tuple[str, ...], others: tuple[str, ...]) -> str:
    told = [*(("on " + "/".join(roles),) if roles else ()), *(("not on " + "/".join(others),) if others else ())]
    return f" ({', '.join(told)})" if told else ""


def condition_told(condition: Condition) -> str:
    """Say a condition in one line."""
    match condition:
        case FactHolds():
            return _fact(condition)
        case StepBecame():
            return f"{condition.step} became {'/'.join((*condition.became, *condition.answered)) or 'anything'}"
        case Every():
            return _joined(" and ", condition.every) or "anything"
        case Some():
            return _joined(" or ", condition.some)
        case NoneOf():
            return f"not {_joined(' or ', condition.none)}"
        case _:
            assert_never(condition)


def _fact(condition: FactHolds) -> str:
    told = [f"{'/'.join(condition.any)}"] if condition.any else []
    told += [f"other than {'/'.join(condition.beyond)}"] if condition.beyond else []
    told += [f"at least {condition.least}"] if condition.least is not None else []
    told += [f"at most {condition.most}"] if condition.most is not None else []
    return " ".join((condition.fact, *told))


def _joined(word: str, parts: tuple[Condition, ...]) -> str:
    said = word.join(map(condition_told, parts))
    return f"({said})" if len(parts) > 1 else said
