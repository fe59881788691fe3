"""Shift: what one who takes over has to know. Owns the shape."""

from pydantic import AwareDatetime

from watchkeeper.model.acted import ActionLine
from watchkeeper.model.noun import Noun
from watchkeeper.model.reopened import Reopened
from watchkeeper.model.summary import IncidentSummary


class Shift(Noun):
    """What happened in a time, for who takes over."""

    since: AwareDatetime
    """When it began, UTC."""
    until: AwareDatetime
    """When it ended, UTC."""
    open: tuple[IncidentSummary, ...]
    """What a person sees and nobody closed, those that deserve most of a look first, one hundred at most."""
    more: int
    """How many more are open."""
    judged: int
    """How many verdicts people gave in this time."""
    closed: int
    """How many incidents were closed in this time by a person's word."""
    to_review: tuple[Reopened, ...]
    """Closings that something speaks against now, one hundred at most."""
    silent: tuple[str, ...]
    """Names of sources that fell silent."""
    actions: "ShiftActions | None" = None
    """How actions stand; none where nobody keeps a record of them."""


class ShiftActions(Noun):
    """How actions stand at the end of a shift, one hundred of each kind at most."""

    waiting: tuple[ActionLine, ...]
    """What people have to answer, those whose deadline comes first coming first."""
    in_force: tuple[ActionLine, ...]
    """What is, or may be, in force, the newest first."""
    ending: tuple[ActionLine, ...]
    """What of that ends by itself before the next shift is as long as this one."""
    failed: tuple[ActionLine, ...]
    """What failed, had no effect, or was refused in this time."""
    ended: tuple[ActionLine, ...]
    """What was taken back, ended by itself, or lapsed since nobody answered, in this time."""
    more: int
    """How many more there are of any kind."""


class Overview(Noun):
    """How things stand, in one answer."""

    version: str
    """Version of Watchkeeper."""
    tenant: str
    """Tenant that the figures are of."""
    open: int
    """Incidents that a person sees and nobody closed."""
    critical: int
    """Those of them of the highest severity."""
    unassigned: int
    """Those of them that nobody works on."""
    sources: int
    """Sources of telemetry that are on."""
    silent: tuple[str, ...]
    """Names of those of them that are silent."""
    last_change: int
    """Number of the last change, as `/api/events` counts them."""
