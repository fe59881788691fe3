"""Correlation: signals folded, weighed and grouped to incidents, none lost. Owns the funnel; detection and the story are others'."""

from watchkeeper.correlation.funnel import Correlated, correlate

__all__ = ["Correlated", "correlate"]
