"""The reference engine: what an event means does not depend on the events beside it."""

from collections.abc import Callable

from watchkeeper.detection import Detector, RuleSet
from watchkeeper.model.batch import Batch

Rules = Callable[..., RuleSet]
Batches = Callable[..., Batch]
LOGS = {"product": "windows", "category": "process_creation"}


def test_each_event_has_its_own_names(rules: Rules, batch: Batches) -> None:
    detection = {"selection": {"Image|endswith": "x", "User|contains": "a"}, "condition": "selection"}
    events = [
        {"NewProcessName": "x", "SubjectDomainName": "d", "SubjectUserName": "a"},
        {"Image": "x", "User": "a"},
        {"NewProcessName": "y", "Image": "x", "User": "a"},
        {"NewProcessName": "x", "User": "a"},
        {"NewProcessName": "x", "SubjectDomainName": "d", "SubjectUserName": "b", "User": "a"},
    ]
    ruleset = rules(detection, logsource=LOGS)
    alone = [Detector(ruleset).signals(batch([event], "windows", "Security", "4688")).num_rows for event in events]
    assert alone == [1, 1, 0, 1, 0]
    together = Detector(ruleset).signals(batch(events, "windows", "Security", "4688")).column("row").to_pylist()
    assert together == [0, 1, 3]
