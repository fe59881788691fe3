"""What tests of detection share: batches from plain events, and rules from plain detections."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from watchkeeper.detection import RuleSet, load_rules
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource

Events = Sequence[Mapping[str, str | list[str]]]


def _batch(events: Events, product: str = "windows", service: str = "", event_type: str = "") -> Batch:
    names = list(dict.fromkeys(name for event in events for name in event))
    reserved = [
        [f"{place:032x}" for place in range(len(events))],
        [place * 1_000_000 for place in range(len(events))],
        ["ws1"] * len(events),
        ["log"] * len(events),
        list(range(len(events))),
        [""] * len(events),
    ]
    native = [pa.array([event.get(name) for event in events], _kind(events, name)) for name in names]
    columns = [pa.array(values, field.type) for values, field in zip(reserved, RESERVED, strict=True)]
    return Batch(
        LogSource(product=product, service=service, event_type=event_type), pa.table([*columns, *native], [*RESERVED.names, *names])
    )


def _kind(events: Events, name: str) -> pa.DataType:
    return pa.list_(pa.string()) if any(isinstance(event.get(name), list) for event in events) else pa.string()


@pytest.fixture(scope="session")
def batch() -> Callable[..., Batch]:
    """The function from events, product, service and event type to a batch; ids count up, times are seconds, the host is `ws1`."""
    return _batch


@pytest.fixture
def rules(tmp_path: Path) -> Callable[..., RuleSet]:
    """The function from a detection, and anything else a rule may say, to the loaded rule set."""

    def load(detection: Mapping[str, Any], **more: Any) -> RuleSet:
        rule = {"title": "Test", "id": "11111111-2222-4333-8444-555555555555", "logsource": {"product": "windows"}, "level": "high", **more}
        path = tmp_path / "rule.yml"
        path.write_text(yaml.safe_dump({**rule, "detection": dict(detection)}, sort_keys=False, allow_unicode=True), "utf-8")
        return load_rules([path])

    return load
