"""Which rules can fire depends on log sources and fields that were seen, not on what stands in them."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from watchkeeper.detection import Detector, load_rules
from watchkeeper.detection.reach import Reach, RuleReach
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

SYSMON = "Microsoft-Windows-Sysmon/Operational"


def _rule(number: int, **more: object) -> dict[str, object]:
    return {
        "title": f"Rule {number}",
        "id": f"0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a{number:02d}",
        "logsource": {"product": "windows", "category": "process_creation"},
        "detection": {"selection": {"CommandLine|contains": "x"}, "condition": "selection"},
        **more,
    }


def _reach(tmp_path: Path, batches: list[Batch], *rules: dict[str, object]) -> list[RuleReach]:
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump_all(rules), "utf-8")
    found = Reach(load_rules([path]))
    for batch in batches:
        found.observe(batch)
    return list(found.result())


def _detection(**selection: object) -> dict[str, object]:
    return {"selection": selection, "condition": "selection"}


def test_a_rule_is_reached_where_its_log_source_has_its_fields(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    seen = batch([{"NewProcessName": "a", "CommandLine": "nothing bad"}], service="Security", event_type="4688")
    (one,) = _reach(tmp_path, [seen], _rule(1, detection=_detection(**{"CommandLine|contains": "evil", "Image|endswith": "x"})))
    assert (one.status, one.missing, one.place, one.blind) == ("reached", (), "windows Security 4688", ())


def test_a_missing_field_is_named_as_the_events_would_have_it(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    seen = batch([{"CommandLine": "x"}], service="Security", event_type="4688")
    (one,) = _reach(tmp_path, [seen], _rule(1, detection=_detection(**{"CommandLine|contains": "x", "Image|endswith": "x"})))
    assert (one.status, one.missing, one.alternatives) == ("field", ("NewProcessName",), False)


def test_a_field_that_is_there_in_no_event_is_missing(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    seen = batch([{"CommandLine": None, "Image": "x"}], service=SYSMON, event_type="1")
    (one,) = _reach(tmp_path, [seen], _rule(1))
    assert (one.status, one.missing) == ("field", ("CommandLine",))


def test_fields_may_come_from_several_batches(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    asked = _rule(1, detection=_detection(**{"CommandLine|contains": "x", "Image|endswith": "x"}))
    seen = [batch([{name: "x"}], service=SYSMON, event_type="1") for name in ("CommandLine", "Image")]
    assert [one.status for one in _reach(tmp_path, seen, asked)] == ["reached"]


def test_one_of_several_fields_will_do(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    asked = _rule(1, detection={"a": {"CommandLine": "x"}, "b": {"Image": "x"}, "condition": "a or b"})
    other = batch([{"User": "x"}], service=SYSMON, event_type="1")
    (none,) = _reach(tmp_path, [other], asked)
    assert (none.status, none.missing, none.alternatives) == ("field", ("CommandLine", "Image"), True)
    (half,) = _reach(tmp_path, [batch([{"Image": "y"}], service=SYSMON, event_type="1")], asked)
    assert (half.status, half.blind) == ("reached", ("CommandLine",))


def test_a_missing_log_source_is_named(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    seen = batch([{"CommandLine": "x"}], service=SYSMON, event_type="3")
    (one,) = _reach(tmp_path, [seen], _rule(1))
    assert (one.status, one.place) == ("source", "")
    assert one.missing == (f"windows {SYSMON} 1 or windows Security 4688 or crowdstrike ProcessRollup2",)


def test_another_event_type_than_the_rule_asks_for_is_no_log_source(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    seen = batch([{"TargetUserName": "x"}], service="Security", event_type="4624")
    asked = _rule(1, logsource={"product": "windows", "service": "security"}, detection=_detection(EventID=4625, TargetUserName="x"))
    (one,) = _reach(tmp_path, [seen], asked)
    assert (one.status, one.place) == ("source", "windows Security 4624")
    assert "EventID 4625" in one.missing[0]


def test_a_derived_field_needs_what_it_is_made_of(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    asked = _rule(1, detection=_detection(User="x"))
    seen = batch([{"SubjectUserName": "x"}], service="Security", event_type="4688")
    assert [one.missing for one in _reach(tmp_path, [seen], asked)] == [("SubjectDomainName",)]


def test_alerts_need_no_rule(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    found = Reach(load_rules([]))
    found.observe(batch([{"signal.rule": "x"}], product="wazuh"))
    assert (found.events, found.alerts, found.seen) == (1, 1, {})


def test_log_sources_beyond_the_bound_are_counted(batch: Callable[..., Batch], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.detection.reach.MOST_SOURCES", 2)
    found = Reach(load_rules([]))
    for number in range(5):
        found.observe(batch([{"a": "b"}] * 2, event_type=str(number)))
    assert (found.events, found.beyond, len(found.seen)) == (10, 6, 2)


@pytest.mark.parametrize(("kind", "status"), [("event_count", "reached"), ("temporal", "source")])
def test_a_correlation_can_fire_if_what_it_counts_can(tmp_path: Path, batch: Callable[..., Batch], kind: str, status: str) -> None:
    seen = batch([{"CommandLine": "x"}], service=SYSMON, event_type="1")
    correlation: dict[str, object] = {"type": kind, "rules": [_rule(1)["id"], _rule(2)["id"]], "timespan": "1h", "group-by": ["User"]}
    if kind == "event_count":
        correlation["condition"] = {"gte": 3}
    many = {"title": "Many", "id": "0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a99", "correlation": correlation}
    found = _reach(tmp_path, [seen], _rule(1), _rule(2, logsource={"product": "linux", "category": "process_creation"}), many)
    assert [one.status for one in found] == ["reached", "source", status]


def test_every_rule_that_fires_on_real_events_is_reached(data: Path) -> None:
    ruleset = load_rules([data / "sigma" / "sigma_all_rules.zip"])
    reach, detector = Reach(ruleset), Detector(ruleset)
    fired: set[str] = set()
    for batch in read([data / "sigma" / "regression_data.zip"]):
        if isinstance(batch, Batch):
            reach.observe(batch)
            fired.update(detector.signals(batch).column("rule").to_pylist())
    found = reach.result()
    assert len(fired) > 100
    assert fired <= {one.rule for one in found if one.status == "reached"}
    assert {one.status for one in found} == {"reached", "field", "source"}


def test_a_category_of_any_product_is_meant_only_where_events_have_its_fields(tmp_path: Path, batch: Callable[..., Batch]) -> None:
    rule = _rule(1, logsource={"category": "authentication"}, detection=_detection(auth_result="failed"))
    (one,) = _reach(tmp_path, [batch([{"CommandLine": "x"}], service=SYSMON, event_type="1")], rule)
    assert one.status == "source"
    assert "any with auth_result" in one.missing[0]
    (one,) = _reach(tmp_path, [batch([{"auth_result": "accepted"}], service="Own/Log", event_type="1")], rule)
    assert (one.status, one.place) == ("reached", "windows Own/Log 1")
