"""Narrowing a condition to a kind of event: what is the same for all its events is worked out once.

Owns partial evaluation; which fields are fixed or absent is the routing's to say.
"""

from collections.abc import Callable, Collection, Mapping

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation, SameAs, all_of, any_of
from watchkeeper.detection.sigma.reference import compile_condition
from watchkeeper.detection.sigma.row import Row

Narrowed = Condition | bool
"""What is left to ask of each event, or the answer."""


def narrow(condition: Condition, fixed: Mapping[str, str], columns: Collection[str]) -> Narrowed:
    """Evaluate what is known: fields with one value for every event, and fields that no event has.

    Args:
        condition: what a rule asks, with native field names.
        fixed: fields that have the same value in every event.
        columns: every field that any of the events may have.

    Returns:
        True or False if that settles it, else what is left to ask of each event; the same object if nothing could be settled.
    """
    match condition:
        case Atom(field=None):
            return condition
        case Atom(field, test):
            known = field in fixed or field not in columns
            settled = known and not (isinstance(test, SameAs) and test.field in columns and test.field not in fixed and field in fixed)
            return compile_condition(condition)(Row(fixed)) if settled else condition
        case Negation(child):
            inner = narrow(child, fixed, columns)
            return not inner if isinstance(inner, bool) else condition if inner is child else Negation(inner)
        case AllOf(children):
            return _joined(condition, [narrow(child, fixed, columns) for child in children], absorbing=False, join=all_of)
        case AnyOf(children):
            return _joined(condition, [narrow(child, fixed, columns) for child in children], absorbing=True, join=any_of)


def _joined(whole: AllOf | AnyOf, children: list[Narrowed], *, absorbing: bool, join: Callable[[list[Condition]], Condition]) -> Narrowed:
    if any(child is absorbing for child in children):
        return absorbing
    left = [child for child in children if not isinstance(child, bool)]
    if not left:
        return not absorbing
    unchanged = len(left) == len(whole.children) and all(new is old for new, old in zip(left, whole.children, strict=True))
    return whole if unchanged else join(left)
