"""Level: how severe a detection is, as Sigma names it. Owns the names and their order."""

from typing import Literal

Level = Literal["informational", "low", "medium", "high", "critical"]
LEVELS: tuple[Level, ...] = ("informational", "low", "medium", "high", "critical")
"""Levels from least to most severe, as Sigma names them."""
