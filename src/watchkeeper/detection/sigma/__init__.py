"""Sigma: rules as their authors wrote them, and what they mean. Owns parsing and evaluating; log sources and signals stand above."""

from watchkeeper.detection.sigma.load import load_rules
from watchkeeper.detection.sigma.rule import Correlation, Counted, Rule, RuleSet, SigmaSource, meaning

__all__ = ["Correlation", "Counted", "Rule", "RuleSet", "SigmaSource", "load_rules", "meaning"]
