"""Metrics: how well it goes, each figure with what it was computed over and how. Owns the shapes."""

from typing import Literal

from pydantic import AwareDatetime

from watchkeeper.model.noun import Noun


class Metric(Noun):
    """One figure."""

    name: Literal["detection", "closing", "judging", "folding", "false-rate", "open"]
    """Time to detect, to close and to judge; how many signals one line of the board stands for; how often it was nothing; what is open."""
    value: float | None
    """The figure; none where nothing can be said."""
    unit: Literal["seconds", "signals an incident", "share", "incidents"]
    """What it counts."""
    over: int
    """How many incidents, or words of people, it was computed over."""
    low: float | None = None
    """The tenth of them with the least, where there are ten."""
    high: float | None = None
    """The tenth of them with the most, where there are ten."""
    how: str
    """How it was computed, and over what, in a sentence."""


class Metrics(Noun):
    """How well it goes in a time."""

    since: AwareDatetime | None
    """Incidents that ended earlier do not count; none: all of them."""
    until: AwareDatetime | None
    """Incidents that began later do not count; none: all of them."""
    metrics: tuple[Metric, ...]
    """Every figure."""
