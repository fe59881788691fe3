"""Correlation: signals folded, weighed and grouped to incidents, none lost. Owns the funnel; detection and the story are others'."""

from watchkeeper.correlation.funnel import Correlated, correlate
from watchkeeper.correlation.growth import absorb
from watchkeeper.correlation.trust import Trust, attacks, latest, records, trusts
from watchkeeper.correlation.tuning import Tuning

__all__ = ["Correlated", "Trust", "Tuning", "absorb", "attacks", "correlate", "latest", "records", "trusts"]
