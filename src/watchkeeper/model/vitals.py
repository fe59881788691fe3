"""Vitals: what a process of the platform says of itself once a second. Owns the shape; the files are those of `server.vitals`."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun

Phase = Literal["starting", "running", "stopping", "stopped"]
"""How far a process is: not serving yet, serving, finishing what it has, gone by its own will."""
MOST_SENDERS = 1_000
"""Senders that one process tells apart in its vitals, those heard last; the rest is counted."""


class Figure(Noun):
    """One measured value of a process."""

    name: str
    """Name of the measure, as in `server.measures`."""
    labels: dict[str, str] = Field(default_factory=dict)
    """What the value is of, by the measure's own labels."""
    value: float
    """For counters the sum since the process started, for gauges what it is now."""


class Heard(Noun):
    """What one process took in from one sender."""

    sender: str
    """Id of the sender."""
    events: int
    """Events since the process started."""
    last: AwareDatetime
    """When it was heard last, UTC, by our clock."""


class Vitals(Noun):
    """What one process said of itself at one moment."""

    process: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    """Its name, such as `web`, `worker-0` or `keeper`; its file has the same."""
    pid: int
    """Id of the process."""
    started: AwareDatetime
    """When it started, UTC."""
    written: AwareDatetime
    """When this was written, UTC; long ago means that it hangs or died."""
    phase: Phase
    """How far it is."""
    hindered: str = ""
    """What stands in its way, in words; empty if nothing does."""
    figures: tuple[Figure, ...] = ()
    """What it measured."""
    heard: tuple[Heard, ...] = ()
    """Senders it took events from, those heard last first."""
    heard_more: int = 0
    """Senders beyond the bound."""
