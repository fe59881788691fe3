"""Flow and Stage: how far an incident is on its way through the eight operations. Owns the shapes; `autopilot.durable` walks."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.note import Note
from watchkeeper.model.notice import Failure
from watchkeeper.model.noun import Noun

Operation = Literal["warn", "triage", "trace", "track", "assess", "respond", "verify", "report"]
FlowState = Literal["walking", "waiting", "done", "failed"]
"""Something is being done; it waits for people, a time or what comes of an action; it is through; it could not go on."""
MOST_STAGES = 400
"""Stages that one flow keeps; of more, the oldest that hold no failure are dropped and counted."""


class Stage(Noun):
    """One step of a flow that was done, or that could not be done."""

    key: Annotated[str, Field(max_length=200)]
    """What it is known by in its flow: the same step done again stands in its place."""
    operation: Operation
    """Which of the eight operations it belongs to."""
    time: AwareDatetime
    """When it was done or given up, UTC."""
    said: Note
    """What was done, in words."""
    digest: str = ""
    """SHA-256 of the noun that it took in or made, 64 hex digits; empty if there is none."""
    tried: Annotated[int, Field(ge=1)] = 1
    """How many times it was tried."""
    failure: Failure | None = None
    """What went wrong; none if it was done."""


class Flow(Noun):
    """An incident's way, as people see it. It is what is kept of a flow; what carries it can be lost without loss."""

    incident: str
    """Id of the incident."""
    state: FlowState
    """How it stands."""
    number: Annotated[int, Field(ge=1)]
    """How many times it was begun: again for an incident that grew, or when what carried it was lost."""
    core: str
    """Digest of what it goes by: the verdict and the targets of the plan."""
    playbook: str = ""
    """Name of the playbook that it goes by; empty if none fits."""
    begun: AwareDatetime
    """When it was begun first, UTC."""
    changed: AwareDatetime
    """When it changed last, UTC."""
    stages: Annotated[tuple[Stage, ...], Field(max_length=MOST_STAGES)] = ()
    """What was done, in the order in which it was done first."""
    dropped: int = 0
    """Stages that are not kept any more."""

    def with_stage(self, stage: Stage) -> "Flow":
        """Give the flow with a stage more, or with it in the place of the one of its key."""
        place = next((number for number, one in enumerate(self.stages) if one.key == stage.key), None)
        if place is not None:
            return self.model_copy(update={"stages": (*self.stages[:place], stage, *self.stages[place + 1 :])})
        kept, gone = (*self.stages, stage), 0
        if len(kept) > MOST_STAGES:
            oldest = next((number for number, one in enumerate(kept) if one.failure is None), 0)
            kept, gone = (*kept[:oldest], *kept[oldest + 1 :]), 1
        return self.model_copy(update={"stages": kept, "dropped": self.dropped + gone})

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What could not be done."""
        return tuple(stage.failure for stage in self.stages if stage.failure)
