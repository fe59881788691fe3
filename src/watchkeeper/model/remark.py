"""Remark: what a person noted about an incident, and who works on it. Owns the shape."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun

RemarkKind = Literal["comment", "assigned"]


class Remark(Noun):
    """A comment, or the word of who works on an incident; it is never changed, later ones stand beside it."""

    incident: str
    """Id of the incident."""
    kind: RemarkKind
    """Whether it is a comment, or says who works on it from then on."""
    text: Annotated[str, Field(max_length=10_000)]
    """The comment; or whose it is, empty for nobody's."""
    by: str
    """Who said so."""
    time: AwareDatetime
    """When, UTC."""


class Commenting(Noun):
    """A comment that is to be kept."""

    text: Annotated[str, Field(min_length=1, max_length=10_000, examples=["the owner confirms the maintenance window"])]
    """What is noted."""


class Assigning(Noun):
    """Whose an incident is to be."""

    to: Annotated[str, Field(max_length=200, examples=["ann"])]
    """Who works on it from now on; empty for nobody."""
