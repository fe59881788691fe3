"""Suppression: what a person does not want to be shown for a while. Owns the shape; applying it is `autopilot.suppressing`'s."""

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
