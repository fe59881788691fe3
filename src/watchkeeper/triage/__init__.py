"""Triage: a verdict with its reasons and what is missing. Owns facts, hypotheses and their weighing."""

from watchkeeper.triage.judging import judge

__all__ = ["judge"]
