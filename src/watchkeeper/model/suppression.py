"""Suppression: what a person does not want to be shown for a while. Owns the shape; applying it is `correlation.suppressing`'s."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun


class Where(Noun):
    """One thing that a signal must have."""

    name: Annotated[str, Field(max_length=200, examples=["host"])]
    """`host`, `user`, `source`, `detector`, a kind of entity, or a field that made the rule fire."""
    value: Annotated[str, Field(max_length=1_000, examples=["srv2"])]
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


class Suppressing(Noun):
    """Signals that are to be worth nothing for a while."""

    rule: Annotated[str, Field(max_length=512, examples=["Files copied to a share"])] = ""
    """Id or title of the rule; empty for every rule below `high`."""
    where: Annotated[tuple[Where, ...], Field(max_length=20)] = ()
    """Everything a signal must have besides."""
    owner: Annotated[str, Field(min_length=1, max_length=200, examples=["ann"])]
    """Who answers for it."""
    why: Annotated[str, Field(min_length=1, max_length=2_000, examples=["nightly backup"])]
    """The reason, in the person's words."""
    days: Annotated[int, Field(ge=1, le=366)] = 30
    """How long it lasts."""
    what_if: bool = False
    """Say what it would have hidden in earlier cases, and keep nothing."""
