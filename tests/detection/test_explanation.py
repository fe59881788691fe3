"""An explanation says what the detector says, with the reason at every step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from watchkeeper.detection import Detector, RuleSet, load_rules
from watchkeeper.detection.explanation import Explainer, Step, against
from watchkeeper.detection.sigma.selections import selections
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource

SYSMON = LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="1")
AUDIT = LogSource(product="windows", service="Security", event_type="4688")
DETECTION: dict[str, Any] = {
    "image": {"Image|endswith": "\\a.exe", "User": "CORP\\ann"},
    "filter_ours": {"CommandLine|contains": ["backup", "update"]},
    "condition": "image and not filter_ours",
}
PROCESS = {"product": "windows", "category": "process_creation"}


def _step(step: Step, name: str) -> Step:
    found = [step] if step.name == name else [one for part in step.parts for one in [_step(part, name)] if one.name == name]
    return found[0] if found else Step("all", holds=False)


def test_each_step_says_whether_it_held_and_what_was_there(rules: Callable[..., RuleSet]) -> None:
    (rule,) = rules(DETECTION, logsource=PROCESS).rules
    event = {"Image": "C:\\a.exe", "User": "CORP\\ann", "CommandLine": "run the Backup"}
    told = Explainer().explain(rule, SYSMON, event, selections(rule))
    assert not told.fires
    (way,) = told.ways
    assert _step(way.step, "image").holds
    ours = _step(way.step, "filter_ours")
    assert ours.holds
    assert [(part.holds, part.found) for part in ours.parts] == [(True, ("run the Backup",)), (False, ("run the Backup",))]
    assert [(one.kind, one.parts[0].name) for one in against(way.step)] == [("not", "filter_ours")]


def test_fields_are_named_as_the_event_has_them(rules: Callable[..., RuleSet]) -> None:
    (rule,) = rules(DETECTION, logsource=PROCESS).rules
    event = {"NewProcessName": "C:\\a.exe", "SubjectDomainName": "CORP", "SubjectUserName": "ann"}
    told = Explainer().explain(rule, AUDIT, event, selections(rule))
    assert told.fires
    image = _step(told.ways[0].step, "image")
    assert [(part.field, part.native, part.found) for part in image.parts] == [
        ("Image", "NewProcessName", ("C:\\a.exe",)),
        ("User", "User = {SubjectDomainName}\\{SubjectUserName}", ("CORP\\ann",)),
    ]
    assert list(against(told.ways[0].step)) == []


def test_an_event_the_rule_does_not_read_is_told_with_what_it_reads(rules: Callable[..., RuleSet]) -> None:
    (rule,) = rules(DETECTION, logsource=PROCESS).rules
    told = Explainer().explain(rule, LogSource(product="linux", service="auditd"), {}, {})
    assert (told.fires, told.ways) == (False, ())
    assert told.places == ("windows Microsoft-Windows-Sysmon/Operational 1", "windows Security 4688", "crowdstrike ProcessRollup2")


def test_keywords_and_fixed_fields(rules: Callable[..., RuleSet]) -> None:
    (rule,) = rules({"k": ["evil"], "s": {"EventID": 1}, "condition": "k and s"}).rules
    told = Explainer().explain(rule, SYSMON, {"Anything": ["nothing", "an EVIL value"]}, {})
    assert told.fires


@pytest.mark.parametrize("every", [pytest.param(4, marks=pytest.mark.slow), 40])
def test_on_real_events_it_agrees_with_the_detector(data: Path, tmp_path: Path, every: int) -> None:
    recorded = [batch for batch in read([data / "sigma" / "regression_data.zip"]) if isinstance(batch, Batch)]
    ruleset = load_rules([data / "sigma" / "sigma_all_rules.zip"])
    detector = Detector(ruleset)
    signals = pa.concat_tables([detector.signals(batch) for batch in recorded])
    fired = set(zip(signals.column("rule").to_pylist(), signals.column("event_id").to_pylist(), strict=True))
    explainer = Explainer()
    asked = [rule for rule in ruleset.rules if rule.id in {rule for rule, _ in fired}][::every]
    assert len(asked) >= 2
    for batch in recorded:
        for event_id, fields in zip(batch.table.column("_id").to_pylist(), batch.rows(), strict=True):
            for rule in asked:
                assert explainer.explain(rule, batch.logsource, fields, {}).fires == ((rule.id, event_id) in fired), (rule.id, fields)
