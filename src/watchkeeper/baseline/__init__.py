"""Baseline: what is normal here, by the hours in which each rule fired on each host. Owns counting and decay; judging by it is others'."""

from watchkeeper.baseline.familiar import HALF_LIFE_HOURS, Familiar, Known
from watchkeeper.baseline.hours import HOURS_SCHEMA, KEPT_DAYS, Baseline, Sighting

__all__ = ["HALF_LIFE_HOURS", "HOURS_SCHEMA", "KEPT_DAYS", "Baseline", "Familiar", "Known", "Sighting"]
