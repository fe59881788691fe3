"""Notice and Failure: what a person is told early, and what went wrong. Owns the shapes."""

from pydantic import AwareDatetime

from watchkeeper.model.level import Level
from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun


class Notice(Noun):
    """The early warning of one incident: what is known, what is not, and who should hear it."""

    level: Level
    """How urgent it is."""
    recipients: tuple[str, ...]
    """Owners of the assets concerned, from assets; empty if nobody is on record."""
    known: tuple[Note, ...]
    """What is known."""
    unknown: tuple[Note, ...]
    """What is not known yet."""
    time: AwareDatetime | None
    """Time of the first event it speaks of, UTC."""


class Failure(Noun):
    """A step that could not be done, kept where people see it."""

    step: str
    """Name of the step: warn, triage, trace, track, assess, respond, verify or report."""
    tried: str
    """What it tried to do."""
    error: str
    """What went wrong, in the words of the error."""
