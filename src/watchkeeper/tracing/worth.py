"""Worth: how much a step to another host tells of an attack: is it new here, and what did it win. Owns the number; ranking uses it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

_APART = timedelta(minutes=10)
"""What came within so short a time before is the same doing, not what is usual."""


@dataclass(frozen=True, slots=True)
class Step:
    """One logon from one host to another."""

    source: str
    target: str
    user: str
    time: datetime
    privileged: bool = False
    """Whether the session had administrative privileges."""


def worth(step: Step, others: Iterable[Step]) -> float:
    """Give a number from 0 (as ever, nothing won) to 1 (never seen before, and both a host and privileges won) for one step.

    Novelty times a half and half the gain: what is usual stays near nothing whatever it wins.
    """
    before = [other for other in others if other.time < step.time - _APART]
    return novelty(step, before) * (0.5 + 0.5 * gain(step, before))


def novelty(step: Step, before: Iterable[Step]) -> float:
    """Give 1 for what was never seen, less each time this user came to this host, the two hosts met, or the user moved at all."""
    there, pair, at_all = 0, 0, 0
    for other in before:
        there += other.user == step.user and other.target == step.target
        pair += other.source == step.source and other.target == step.target
        at_all += other.user == step.user
    return 0.5 / (1 + there) + 0.3 / (1 + pair) + 0.2 / (1 + at_all)


def gain(step: Step, before: Iterable[Step]) -> float:
    """Give a half for a host that the source had not reached before, and a half for privileges that the user had shown nowhere before."""
    earlier = list(before)
    new_host = all(other.target != step.target or other.source != step.source for other in earlier)
    new_rights = step.privileged and not any(other.privileged and other.user == step.user for other in earlier)
    return 0.5 * new_host + 0.5 * new_rights
