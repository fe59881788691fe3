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
