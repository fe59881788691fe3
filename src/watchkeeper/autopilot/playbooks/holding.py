"""Whether a condition holds. Owns the meaning of each; a playbook's conditions are data, and nothing else of an incident is looked at."""

from collections.abc import Mapping
from typing import assert_never

from watchkeeper.model.condition import Condition, Every, FactHolds, IncidentFacts, NoneOf, Some, StepBecame
from watchkeeper.model.level import LEVELS
from watchkeeper.model.walked import Became


def holds(condition: Condition, facts: IncidentFacts, became: Mapping[str, Became]) -> bool:
    """Say whether a condition holds of an incident and the steps that are over."""
    match condition:
        case FactHolds():
            return _fact_holds(condition, facts)
        case StepBecame():
            return _step_became(condition, became)
        case Every():
            return all(holds(one, facts, became) for one in condition.every)
        case Some():
            return any(holds(one, facts, became) for one in condition.some)
        case NoneOf():
            return not any(holds(one, facts, became) for one in condition.none)
        case _:
            assert_never(condition)


def _fact_holds(condition: FactHolds, facts: IncidentFacts) -> bool:
    value: object = getattr(facts, condition.fact)
    if condition.fact == "level" and condition.least in LEVELS and LEVELS.index(facts.level) < LEVELS.index(condition.least):
        return False
    match value:
        case bool():
            return value
        case int() | float():
            return _within(value, condition)
        case str():
            return _among(condition, {value} if value else set())
        case tuple():
            return _among(condition, {str(one) for one in value})  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] -- every such fact is a tuple of text
        case _:
            raise TypeError(f"fact {condition.fact!r} is {type(value).__name__}, which no condition can ask for")


def _within(value: float, condition: FactHolds) -> bool:
    if condition.least is None and condition.most is None:
        return value > 0
    least = condition.least if isinstance(condition.least, int | float) else None
    return (least is None or value >= least) and (condition.most is None or value <= condition.most)


def _among(condition: FactHolds, there: set[str]) -> bool:
    if condition.beyond:
        return any(not any(_is_among(known, {one}) for known in condition.beyond) for one in there)
    return any(_is_among(wanted, there) for wanted in condition.any) if condition.any else bool(there)


def _is_among(wanted: str, there: set[str]) -> bool:
    """Say whether a value is there, or as a technique's parent one of its sub-techniques."""
    return wanted in there or any(one.startswith(f"{wanted}.") for one in there)


def _step_became(condition: StepBecame, became: Mapping[str, Became]) -> bool:
    found = became.get(condition.step)
    if found is None:
        return False
    return (not condition.became or found.outcome in condition.became) and (not condition.answered or found.answer in condition.answered)
