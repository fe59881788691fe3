"""The range: a synthetic company with ordinary days and intrusions, in real log formats. Owns generation; it judges nothing."""

from watchkeeper.cyberrange import scenarios
from watchkeeper.cyberrange.generate import generate as generate

SCENARIOS: tuple[str, ...] = tuple(scenarios.SCENARIOS)
"""Names of the scenarios; `none` is the background alone."""
