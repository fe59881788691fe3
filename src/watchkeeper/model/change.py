"""Change: what would have been otherwise in a case of the past, and what an edit does now. Owns the shapes; `autopilot` compares."""

from pydantic import AwareDatetime

from watchkeeper.model.edit import Edit
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.noun import Noun
from watchkeeper.model.suppression import Suppression
from watchkeeper.model.watch import Standing, Watch


class NamedIncident(Noun):
    """An incident, by what it is called."""

    id: str
    """Its id."""
    title: str
    """Its title."""
    rank: int
    """Its rank in its case."""
    score: float
    """Its score."""


class NamedSession(Noun):
    """A session, by what it is called."""

    id: str
    """Its id."""
    host: str
    """Its host; empty if it has none."""
    start: AwareDatetime | None
    """Time of its first signal, UTC."""
    score: float
    """Its score."""


class Altered(Noun):
    """An incident that would be another."""

    before: NamedIncident
    """As it was."""
    after: NamedIncident
    """As it would be."""
    signals: int
    """Signals that it would lose."""
    gained: int
    """Signals that it would gain."""


class Change(Noun):
    """What a change would have done to one case."""

    case: str
    """Folder of the case."""
    signals: int
    """Signals of the case."""
    hidden: int
    """Signals that would have been worth nothing."""
    true: int
    """Those of them that people judged part of an attack."""
    gone: tuple[NamedIncident, ...]
    """Incidents that there would not have been."""
    altered: tuple[Altered, ...]
    """Incidents that would have been others, or ranked otherwise."""
    new: tuple[NamedIncident, ...]
    """Incidents that there would have been besides."""
    unseen: tuple[NamedSession, ...]
    """Sessions that a person would not have seen."""
    seen: tuple[NamedSession, ...]
    """Sessions that a person would have seen besides."""

    @property
    def is_nothing(self) -> bool:
        """Say whether nothing would have been otherwise."""
        return not (self.hidden or self.gone or self.altered or self.new or self.unseen or self.seen)


class Changes(Noun):
    """What a change would have done to cases of the past."""

    told: tuple[Change, ...]
    """The cases that would have been otherwise."""
    cases: int
    """How many cases could be looked at."""
    lost: int
    """How many could not: they are no longer on disk."""


class Resized(Noun):
    """An incident before and after an edit."""

    id: str
    """Its id."""
    before: "Size | None"
    """What it holds now; none if it is not there."""
    after: "Size | None"
    """What it holds then; none if it is not there."""


class Size(Noun):
    """How much an incident holds."""

    title: str
    """Its title."""
    folds: int
    """How many folds."""
    signals: int
    """How many signals they have."""


class EditDone(Noun):
    """What came of merging or splitting."""

    edit: Edit
    """The edit."""
    resized: tuple[Resized, ...]
    """Incidents that hold something else by it."""
    kept: bool
    """Whether it is kept; otherwise it was only asked what it would do."""


class StandingDone(Noun):
    """What came of closing or re-opening."""

    standing: Standing
    """How the incident stands now."""
    followed: int
    """How many things are looked out for again; below zero, how many no longer are."""
    is_closed: bool
    """Whether it counts as closed; a verdict that it is harmless keeps it so."""


class FeedbackDone(Noun):
    """What came of a person's verdict."""

    words: Feedback
    """What was said."""
    title: str
    """Title of what was judged."""
    kept: bool
    """Whether it is kept; otherwise it was only asked what it would change."""
    changes: Changes | None = None
    """What it would have changed in earlier cases, where that was asked."""
    to_review: int = 0
    """How many closings something speaks against now."""


class SuppressionDone(Noun):
    """What came of a suppression."""

    suppression: Suppression
    """The suppression."""
    changes: Changes
    """What it would have hidden in earlier cases."""
    kept: bool
    """Whether it is kept."""
    refused: str = ""
    """Why it was not; empty if it was, or if it was only asked what it would do."""


class WatchListed(Noun):
    """Something that is or was looked out for."""

    watch: Watch
    """What, because of which incident, and until when."""
    live: bool
    """Whether it counts now: not taken off, not expired, and its incident open."""


class LookedOut(Noun):
    """Where an earlier case had seen what is looked out for."""

    case: str
    """Name of the case's folder."""
    value: str
    """As it was observed."""
    count: int
    """How often fields named it."""
    since: AwareDatetime | None
    """Time of the first event that named it, UTC."""
    hosts: tuple[str, ...]
    """Hosts whose events named it."""


class WatchDone(Noun):
    """What came of adding something to look out for, or taking it off."""

    watch: Watch
    """What is kept of it."""
    seen: tuple[LookedOut, ...] = ()
    """Where earlier cases had seen it, ten at most."""
    more: int = 0
    """How many sightings in earlier cases are not listed."""
