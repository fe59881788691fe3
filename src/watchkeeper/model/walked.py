"""Position, Due, StepResult: where a playbook stands for one incident. Owns the shapes; the steps are taken by `autopilot.playbooks`."""

from typing import Annotated, Literal

from pydantic import Field

from watchkeeper.model.condition import StepName, StepOutcome
from watchkeeper.model.noun import Noun
from watchkeeper.model.playbook import Outside
from watchkeeper.model.proposal import ActionState

StepKey = Annotated[str, Field(max_length=80)]
"""A step and which time it is taken, such as `block#1`; each is done once."""


class OpenStep(Noun):
    """A step that is being done."""

    key: StepKey
    """What its result is given by."""
    step: StepName
    """Which step."""
    inside: tuple[StepKey, ...] = ()
    """The parallel and repeated steps that it is within, the outermost first."""


class Became(Noun):
    """How a step came out the last time it was taken."""

    outcome: StepOutcome
    """How."""
    answer: str = ""
    """Name of the choice, of a question."""


class Position(Noun):
    """Where a playbook stands: all that is needed to go on, as JSON of a few hundred bytes."""

    playbook: str
    """Name of the playbook."""
    version: str
    """Which version of it; another one cannot go on from here."""
    open: tuple[OpenStep, ...] = ()
    """Steps that are being done, in the order they began."""
    became: dict[StepName, Became] = Field(default_factory=dict)
    """How steps came out that are over."""
    taken: dict[StepName, int] = Field(default_factory=dict)
    """How often each step was taken so far."""

    @property
    def over(self) -> bool:
        """Whether nothing comes any more."""
        return not self.open


class Due(Noun):
    """A step that is to be done now, or is being done."""

    key: StepKey
    """What its result is given by, and what it is done once by."""
    name: StepName
    """Name of the step."""
    step: Outside = Field(discriminator="kind")
    """What is to be done."""
    seconds: int | None
    """How long it may take; then its result is that it lapsed. None if it is done at once."""


class StepResult(Noun):
    """What became of a step that was due; a result that was given before, or of a step that is not open, changes nothing."""

    key: StepKey
    """Which step, which time."""
    outcome: Literal["done", "lapsed", "failed"] = "done"
    """It was done, its time was up, or it could not be done."""
    states: tuple[ActionState, ...] = ()
    """How the actions stand that a step asked for: it is over when all are settled. Empty: there was nothing to act on."""
    answer: str = ""
    """Name of the choice, of a question."""


class Walked(Noun):
    """Where a playbook stands, and what is to be done now."""

    position: Position
    """Where it stands."""
    due: tuple[Due, ...]
    """Steps that are open; those that were given out before are among them until their results are in."""
