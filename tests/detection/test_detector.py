"""The detector by its answers: what rules mean, case by case, and what becomes of a rule that fails."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from watchkeeper.detection import Detector, RuleSet
from watchkeeper.detection.sigma.condition import Atom, Number
from watchkeeper.model.batch import Batch
from watchkeeper.model.signal import SIGNAL_SCHEMA

_FOLDER = Path(__file__).parents[1] / "cases" / "detection" / "meaning"
CASES = [(path.stem, case) for path in sorted(_FOLDER.glob("*.yml")) for case in yaml.safe_load(path.read_text("utf-8"))]
Rules = Callable[..., RuleSet]
Batches = Callable[..., Batch]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{stem}: {case['about']}") for stem, case in CASES])
def test_a_rule_means_what_its_case_says(case: Mapping[str, Any], rules: Rules, batch: Batches) -> None:
    ruleset = rules(case["detection"])
    assert ruleset.problems == ()
    for event in case["fires"]:
        assert Detector(ruleset).signals(batch([event])).num_rows == 1, event
    for event in case["silent"]:
        assert Detector(ruleset).signals(batch([event])).num_rows == 0, event


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{stem}: {case['about']}") for stem, case in CASES])
def test_events_together_give_what_each_gives_alone(case: Mapping[str, Any], rules: Rules, batch: Batches) -> None:
    events = [*case["fires"], *case["silent"]]
    listed = {name for event in events for name, value in event.items() if isinstance(value, list)}
    alike = [{name: [value] if name in listed and isinstance(value, str) else value for name, value in event.items()} for event in events]
    assert _fired(Detector(rules(case["detection"])), batch(alike)) == list(range(len(case["fires"])))


def test_a_rule_that_fails_on_an_event_is_counted_and_the_others_go_on(rules: Rules, batch: Batches) -> None:
    whole = rules({"selection": {"F|gt": 1}, "condition": "selection"}).rules[0]
    broken = replace(whole, id="broken", condition=Atom("F", Number("gt", cast("float", "one"))))
    detector = Detector(RuleSet((broken, whole)))
    assert _fired(detector, batch([{"F": "2"}, {"F": "none"}, {"F": "3"}])) == [0, 2]
    assert len(detector.problems) == 1
    assert detector.problems[0].startswith("rule broken failed on 2 events: TypeError: ")


def test_no_rule_for_a_source_gives_no_signals(rules: Rules, batch: Batches) -> None:
    signals = Detector(rules({"selection": {"F": "a"}, "condition": "selection"})).signals(batch([{"F": "a"}], "zeek", "conn"))
    assert signals.num_rows == 0
    assert signals.schema == SIGNAL_SCHEMA


def _fired(detector: Detector, events: Batch) -> Sequence[int]:
    return detector.signals(events).column("row").to_pylist()
