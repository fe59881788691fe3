"""Detection: rules over batches, signals out. Owns loading and running rules; reading events and grouping signals stand elsewhere."""

from watchkeeper.detection.detector import Detector
from watchkeeper.detection.sigma import Rule, RuleSet, load_rules

__all__ = ["Detector", "Rule", "RuleSet", "load_rules"]
