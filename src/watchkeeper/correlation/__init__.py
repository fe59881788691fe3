"""Correlation: signals folded, weighed and grouped to incidents, none lost. Owns the funnel; detection and the story are others'."""

from watchkeeper.correlation.funnel import Correlated, correlate, joined
from watchkeeper.correlation.growth import absorb
from watchkeeper.correlation.judged import Knowledge
from watchkeeper.correlation.stream import Correlator
from watchkeeper.correlation.tuning import Tuning

__all__ = ["Correlated", "Correlator", "Knowledge", "Tuning", "absorb", "correlate", "joined"]
