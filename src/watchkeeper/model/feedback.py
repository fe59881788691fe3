"""Feedback: what a person said about an incident or a session. Owns the shape, and which verdicts count as true."""

from typing import Annotated, Literal, cast

from pydantic import AwareDatetime, Field, model_validator

from watchkeeper.model.level import Level
from watchkeeper.model.noun import Noun
from watchkeeper.model.verdict import Outcome

Kind = Literal["incident", "session"]


class JudgedFold(Noun):
    """One fold of what was judged. It is kept with the words, because an incident may hold other folds when it is made again."""

    id: str
    """Id of the fold."""
    rule: str
    """Id of its rule."""
    level: Level
    """Severity of the rule."""
    place: str
    """Where its signals are filed, as `kind:value`."""
    first: AwareDatetime | None
    """Time of its first signal, UTC."""
    last: AwareDatetime | None
    """Time of its last signal, UTC."""


class Grounds(Noun):
    """What a closing stood on; when it is no longer so, what was closed is judged again."""

    rules: dict[str, str]
    """Id of each rule to a digest of what it asked for, as far as that was known."""
    right: dict[str, int]
    """Id of each rule to how often people had judged it right."""
    intel: str
    """Which intelligence was in force; empty if there was none."""


class Feedback(Noun):
    """One person's judgement of one incident or session."""

    about: Kind = "incident"
    """What was judged."""
    subject: str
    """Id of the incident or session."""
    verdict: Outcome
    """What the person holds it to be; `undetermined` takes back what was said before."""
    why: str
    """The person's reason, in their words."""
    by: str
    """Who said so."""
    time: AwareDatetime
    """When it was said, UTC."""
    folds: tuple[JudgedFold, ...] = ()
    """What it held when it was judged."""
    grounds: Grounds | None = None
    """What the words stood on; only of words that close it."""

    @model_validator(mode="before")
    @classmethod
    def _as_once_kept(cls, kept: object) -> object:
        """Read what was kept when only incidents were judged."""
        if not isinstance(kept, dict):
            return kept
        return {("subject" if name == "incident" else name): value for name, value in cast("dict[str, object]", kept).items()}


class Judged(Noun):
    """A verdict that is to be kept."""

    subject: Annotated[str, Field(min_length=1, max_length=128, examples=["8bce"])]
    """Id of the incident or session, or its first characters."""
    verdict: Outcome
    """What it really was."""
    why: Annotated[str, Field(min_length=1, max_length=2_000, examples=["the nightly backup"])]
    """The reason, in the person's words."""
    what_if: bool = False
    """Say what it would have changed in earlier cases, and keep nothing."""
