"""Feedback: what a person said about an incident. Owns the shape."""

from pydantic import AwareDatetime

from watchkeeper.model.noun import Noun
from watchkeeper.model.verdict import Outcome


class Feedback(Noun):
    """One person's judgement of one incident."""

    incident: str
    """Id of the incident."""
    verdict: Outcome
    """What the person holds it to be."""
    why: str
    """The person's reason, in their words."""
    by: str
    """Who said so."""
    time: AwareDatetime
    """When it was said, UTC."""
