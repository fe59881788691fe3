"""Hunting: questions from a hypothesis, asked of events. Owns hunts' files, stacking, and who could answer; Sigma rules do the asking."""

from watchkeeper.detection.hunting.files import Hunts, load_hunts
from watchkeeper.detection.hunting.hunter import Hunter

__all__ = ["Hunter", "Hunts", "load_hunts"]
