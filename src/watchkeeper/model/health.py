"""Health: whether the platform runs, takes events in, and what each of its processes says. Owns the shape alone."""

from typing import Literal

from pydantic import AwareDatetime

from watchkeeper.model.noun import Noun
from watchkeeper.model.vitals import Phase


class Part(Noun):
    """How one process is."""

    name: str
    """Name of the process."""
    state: Phase | Literal["silent"]
    """What it last said of itself; `silent` if it has not said so for too long: it hangs or died."""
    hindered: str
    """What stands in its way, in words; empty if nothing does."""
    seen: AwareDatetime
    """When it last said anything, UTC."""


class Health(Noun):
    """How the platform is as a whole."""

    is_ready: bool
    """Whether it takes events in: the web process runs and nothing stands in its way."""
    is_well: bool
    """Whether every process runs and nothing stands in its way."""
    parts: tuple[Part, ...]
    """Every process that ran and did not end by its own will."""
