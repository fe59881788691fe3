"""Rules as values: equal when they say the same, so that a rule given twice is known again."""

from watchkeeper.detection.sigma.parse import to_rule
from watchkeeper.detection.sigma.rule import RuleSet, SigmaSource

CONTENT = {"title": "T", "logsource": {"category": "dns"}, "detection": {"s": {"F": "a"}, "condition": "s"}}


def test_the_same_rule_parsed_twice_is_equal() -> None:
    first, second = (to_rule(CONTENT, "f.yml", "f")[0] for _ in range(2))
    assert first == second
    assert first.source == SigmaSource(category="dns")
    assert RuleSet((first,)) == RuleSet((second,))
