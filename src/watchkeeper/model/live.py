"""LiveIncident and Cursor: an incident of the stream as it stands now, and how far a consumer has come. Owns the shapes alone."""

from typing import Literal

from pydantic import AwareDatetime

from watchkeeper.model.incident import Incident
from watchkeeper.model.noun import Noun

Status = Literal["open", "re-opened", "closed"]
"""How an incident stands."""


class LiveIncident(Noun):
    """An incident of the stream as it stands now."""

    incident: Incident
    """What is known of it."""
    status: Status
    """How it stands: as people and what was seen again last said."""
    revision: int
    """1 when it was first kept, and one more with every change."""
    opened: AwareDatetime
    """When it was first kept, UTC; less its first signal's time it is how long finding it took."""
    updated: AwareDatetime
    """When it last changed, UTC."""
    judged: AwareDatetime | None = None
    """When triage first had a verdict that says something, UTC; none if it never had, or it was before this was kept."""
    closed: AwareDatetime | None = None
    """When it was closed, UTC; none while it is not."""
    into: str = ""
    """Id of the incident that it goes on in, because both turned out to be one; empty if it stands by itself."""


class Cursor(Noun):
    """How far a consumer has come, saved together with what it made of what it had read."""

    name: str
    """Name of the consumer; a tenant has its own cursor of each name."""
    position: int
    """Everything before this number of its journal is done with."""
    body: bytes = b""
    """What it has to know to go on from there."""
