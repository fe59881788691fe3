"""Shift: what one who takes over has to know. Owns the shape."""

from pydantic import AwareDatetime

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
