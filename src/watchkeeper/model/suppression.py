"""Suppression: what a person does not want to be shown for a while. Owns the shape; applying it is `correlation.suppressing`'s."""

from typing import Literal

from pydantic import AwareDatetime

from watchkeeper.model.noun import Noun


class Where(Noun):
    """One thing that a signal must have."""

    name: str
    """`host`, `user`, `source`, `detector`, a kind of entity, or a field that made the rule fire."""
    value: str
    """What it must be, without regard to case; `*` stands for any text."""


class Suppression(Noun):
    """Signals that are worth nothing until a day; every one of them stays in `signals.parquet`."""

    id: str
    """Id, 12 hex digits."""
    rule: str
    """Id of the rule; empty for every rule below `high`."""
    where: tuple[Where, ...]
    """Everything a signal must have besides."""
    owner: str
    """Who answers for it."""
    why: str
    """Their reason, in their words."""
    created: AwareDatetime
    """When it began, UTC."""
    expires: AwareDatetime
    """When it ends by itself, UTC."""
    meaning: str = ""
    """Digest of what the rule asked for when it began; empty if that was not known."""
    ended: AwareDatetime | None = None
    """When a person ended it before, UTC."""


RuleState = Literal["same", "changed", "gone", "unknown"]
"""Whether a suppression's rule asks for what it asked for then; `unknown` where there is none or nobody can tell."""


class Suppressed(Noun):
    """What one suppression did in one run."""

    suppression: Suppression
    """The suppression."""
    signals: int
    """Signals that it set aside; of one that has expired, signals that it would have."""
    in_force: bool
    """Whether it was in force; otherwise it has expired."""
    rule_state: RuleState
    """What became of its rule."""
