"""SourceSeen: a source of telemetry with what came of it. Owns the shape."""

from pydantic import AwareDatetime

from watchkeeper.model.noun import Noun
from watchkeeper.model.sender import Sender


class SourceSeen(Noun):
    """A sender, and what was heard of it."""

    sender: Sender
    """Who it is."""
    events: int
    """Events that came of it since the processes that heard it started."""
    last: AwareDatetime | None
    """When something came of it last, UTC; none if nothing did since then."""
    silent: bool
    """Whether nothing came for longer than is usual for it; not of one that was never heard, or is off."""
