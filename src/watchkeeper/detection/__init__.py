"""Detection: rules over batches, signals out. Owns loading and running rules; reading events and grouping signals stand elsewhere.

What runs rules is imported when it is first asked for: who only loads rules needs neither Arrow nor an engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from watchkeeper.detection.sigma import Rule, RuleSet, load_rules

if TYPE_CHECKING:
    from watchkeeper.detection.detector import Detector

__all__ = ["Detector", "Rule", "RuleSet", "load_rules"]

_LATER = {"Detector": "watchkeeper.detection.detector"}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATER[name]), name)
