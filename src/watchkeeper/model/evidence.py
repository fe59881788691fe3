"""Evidence: pointers from what we claim to the events that show it. Owns no lookup; `evidence/` resolves and verifies."""

from pydantic import AwareDatetime

from watchkeeper.model.noun import Noun


class Evidence(Noun):
    """One event that supports or contradicts a claim."""

    event_id: str
    """Id of the event in the case or the lake; it must resolve, or the claim that cites it is refused."""
    time: AwareDatetime | None
    """When the event happened, UTC, by the source's own clock; none if the source does not say."""
    note: str = ""
    """What in the event matters, as `field=value`; empty when the claim says it."""
