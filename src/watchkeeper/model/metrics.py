"""Metrics: how well it goes, each figure with what it was computed over and how. Owns the shapes."""

from typing import Literal

from pydantic import AwareDatetime

from watchkeeper.model.noun import Noun

MetricName = Literal[
    "detection",
    "verdict",
    "judging",
    "response",
    "closing",
    "folding",
    "objects-before",
    "objects-after",
    "decided-alone",
    "agreement",
    "false-rate",
    "open",
    "actions-done",
    "actions-alone",
    "actions-verified",
    "actions-in-force",
    "actions-undone",
    "actions-expired",
    "actions-failed",
    "actions-ineffective",
    "actions-refused",
    "approvals-asked",
    "approvals-answered",
    "approvals-lapsed",
    "demotions",
]
"""Times to detect, to a verdict, to a verdict of a person, to an action that works, to close; signals for a line of the board; what
a person would have had to look at and had to; how often nobody was needed, and people agreed; how often it was nothing; what is open; what
became of actions; of questions to people; how often the system took a level back."""
Unit = Literal["seconds", "signals an incident", "share", "incidents", "objects", "actions", "approvals", "demotions"]


class Metric(Noun):
    """One figure."""

    name: MetricName
    """Which one."""
    value: float | None
    """The figure; none where nothing can be said, which is never the same as 0."""
    unit: Unit
    """What it counts."""
    over: int
    """How many incidents, actions or words of people it rests on."""
    low: float | None = None
    """The tenth of them with the least, where there are ten."""
    high: float | None = None
    """The tenth of them with the most, where there are ten."""
    how: str
    """How it was computed, and over what, in a sentence."""
    left_out: str = ""
    """What was left out, and how much, in a sentence; empty if nothing was."""


class Metrics(Noun):
    """How well it goes in a time."""

    since: AwareDatetime | None
    """Incidents that ended earlier do not count, nor what was done earlier; none: all of them."""
    until: AwareDatetime | None
    """Incidents that began later do not count, nor what was done later; none: all of them."""
    metrics: tuple[Metric, ...]
    """Every figure."""

    def value(self, name: MetricName) -> float | None:
        """Give a figure; none where nothing can be said."""
        return next((one.value for one in self.metrics if one.name == name), None)
