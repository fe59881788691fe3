"""Correlation: signals folded, weighed and grouped to incidents, none lost. Owns the funnel; detection and the story are others'."""

from watchkeeper.correlation.funnel import Correlated, correlate
from watchkeeper.correlation.growth import absorb

__all__ = ["Correlated", "absorb", "correlate"]
