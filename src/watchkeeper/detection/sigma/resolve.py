"""Finding what correlations count among the rules that are there. Owns ids and names; counting stands in `counting`."""

from collections.abc import Sequence
from dataclasses import replace

from watchkeeper.detection.sigma.rule import Correlation, Rule


def resolved(correlation: Correlation, rules: Sequence[Rule]) -> Correlation:
    """Give the correlation with the rules it counts by their ids.

    Raises:
        ValueError: a rule it names is not there.
    """
    ids = {rule.name: rule.id for rule in reversed(rules) if rule.name} | {rule.id: rule.id for rule in rules}
    missing = [one.rule for one in correlation.counted if one.rule not in ids]
    if missing:
        raise ValueError(f"it counts the rule {missing[0]!r}, which is not there or cannot run")
    return replace(correlation, counted=tuple(replace(one, rule=ids[one.rule]) for one in correlation.counted))
