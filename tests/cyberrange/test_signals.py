"""What SigmaHQ's rules make of the range: ordinary days are noisy, and each intrusion shows."""

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from watchkeeper.cyberrange import SCENARIOS
from watchkeeper.detection import Detector, load_rules
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

LEAST_RULES = {"phishing-ransomware": 12, "web-shell": 8, "stolen-account": 8, "insider-copying": 3, "supply-chain": 6}


@cache
def _loaded(rules: Path) -> Detector:
    return Detector(load_rules([rules]))


@pytest.fixture
def detector(data: Path) -> Detector:
    return _loaded(data / "sigma" / "sigma_all_rules.zip")


def _rules(detector: Detector, evidence: Path) -> Counter[str]:
    batches = (batch for batch in read([evidence]) if isinstance(batch, Batch))
    return Counter(title for batch in batches for title in detector.signals(batch).column("title").to_pylist())


@pytest.mark.slow
def test_an_ordinary_day_fires_rules_again_and_again_and_some_only_once(detector: Detector, day: Callable) -> None:
    fired = _rules(detector, day("none").out / "evidence")
    assert sum(fired.values()) >= 50
    assert len(fired) >= 15
    assert max(fired.values()) >= 10
    assert min(fired.values()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "none"])
def test_an_intrusion_shows_but_not_in_every_event(scenario: str, detector: Detector, day: Callable, tmp_path: Path) -> None:
    made = day(scenario, 2)
    for line, record in zip(made.truth, made.attack(), strict=True):
        path = tmp_path / str(line["file"])
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    fired = _rules(detector, tmp_path)
    assert len(fired) >= LEAST_RULES[scenario]
