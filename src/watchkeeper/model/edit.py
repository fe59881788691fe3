"""Edit: what a person changed about which folds are one incident. Owns the shapes; applying edits is `correlation.editing`'s."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun


class Merge(Noun):
    """Two incidents are one."""

    kind: Literal["merge"] = "merge"
    """What was done."""
    into: str
    """Id of the incident that takes in the other."""
    other: str
    """Id of the incident that disappears."""


class Split(Noun):
    """Some folds of an incident are an incident of their own."""

    kind: Literal["split"] = "split"
    """What was done."""
    incident: str
    """Id of the incident that loses them."""
    folds: tuple[str, ...]
    """Ids of the folds."""
    made: str
    """Id of the new incident."""


class Edit(Noun):
    """One change by a person; it stays on record when it is taken back."""

    number: int
    """Its place among all edits."""
    change: Annotated[Merge | Split, Field(discriminator="kind")]
    """What was changed."""
    why: str
    """The person's reason, in their words."""
    by: str
    """Who did it."""
    time: AwareDatetime
    """When, UTC."""
    undone: AwareDatetime | None = None
    """When it was taken back, UTC."""


class EditMade(Noun):
    """A change in force, and whether it does anything."""

    edit: Edit
    """The change."""
    applies: bool
    """Whether what it speaks of is still there."""


Why = Annotated[str, Field(min_length=1, max_length=2_000, examples=["one attacker, three days later"])]
Start = Annotated[str, Field(min_length=1, max_length=128, examples=["8bce"])]


class Merging(Noun):
    """Which incident is to be merged into another."""

    other: Start
    """Id of the incident that becomes part of it, or its first characters."""
    why: Why
    """The reason, in the person's words."""
    what_if: bool = False
    """Say what it would change, and keep nothing."""


class Dividing(Noun):
    """Which folds are to be split off an incident."""

    folds: Annotated[tuple[Start, ...], Field(max_length=500)] = ()
    """Ids of folds, or their first characters."""
    host: Annotated[str, Field(max_length=255, examples=["srv2"])] = ""
    """Every fold of this host besides."""
    why: Why
    """The reason, in the person's words."""
    what_if: bool = False
    """Say what it would change, and keep nothing."""


class Undoing(Noun):
    """That an edit is to be taken back."""

    what_if: bool = False
    """Say what it would change, and keep nothing."""
