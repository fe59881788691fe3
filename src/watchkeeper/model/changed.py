"""ChangeTold: something that became otherwise, for those who listen. Owns the shape."""

from typing import Literal

from pydantic import AwareDatetime

from watchkeeper.model.level import Level
from watchkeeper.model.noun import Noun
from watchkeeper.model.summary import Status

What = Literal["opened", "changed", "closed", "kept"]
"""An incident is new, otherwise, or closed; of anything else, that it was kept or became otherwise."""


class ChangeTold(Noun):
    """One thing that became otherwise."""

    number: int
    """Its place among the tenant's changes; listening goes on after it by `Last-Event-ID`."""
    kind: str
    """What kind of thing: incident, case, feedback, suppression, edit, standing, remark, watch, sender, setting and so on."""
    what: What
    """What became of it."""
    id: str
    """Which one."""
    time: AwareDatetime
    """When it was kept, UTC."""
    title: str = ""
    """Title of the incident; empty of anything else."""
    level: Level | None = None
    """Severity of the incident."""
    status: Status | None = None
    """How the incident stands."""


class ChangesTold(Noun):
    """What became otherwise after a number."""

    changes: tuple[ChangeTold, ...]
    """In order."""
    missed: bool
    """Whether some are no longer known: everything has to be looked at anew."""
    last: int
    """Number to go on after."""
