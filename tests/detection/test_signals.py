"""What a signal says: ids, the event's own fields that made the rule fire, and who."""

from collections.abc import Callable

import pyarrow as pa

from watchkeeper.detection import Detector, RuleSet
from watchkeeper.detection.signals import signal_id, signal_ids
from watchkeeper.model.batch import Batch
from watchkeeper.model.signal import SIGNAL_SCHEMA

SYSMON = "Microsoft-Windows-Sysmon/Operational"
Rules = Callable[..., RuleSet]
Batches = Callable[..., Batch]


def test_a_signal_says_which_rule_and_which_event(rules: Rules, batch: Batches) -> None:
    ruleset = rules(
        {"selection": {"F": "a"}, "condition": "selection"},
        tags=["attack.credential_access", "attack.t1003.001", "attack.g0016", "cve.2021-1"],
    )
    table = Detector(ruleset).signals(batch([{"F": "b"}, {"F": "a", "User": r"LAB\Bob", "synthetic": "true"}]))
    assert table.schema == SIGNAL_SCHEMA
    (signal,) = table.to_pylist()
    assert signal["rule"] == "11111111-2222-4333-8444-555555555555"
    assert signal["id"] == signal_id(signal["rule"], signal["event_id"])
    assert (signal["row"], signal["level"], signal["detector"], signal["title"]) == (1, "high", "sigma", "Test")
    assert (signal["techniques"], signal["tactics"]) == (["T1003.001"], ["credential-access"])
    assert (signal["user"], signal["host"], signal["synthetic"]) == (r"lab\bob", "ws1", True)
    assert signal["entities"] == [{"kind": "host", "value": "ws1"}, {"kind": "user", "value": r"lab\bob"}]
    assert signal["matches"] == [{"field": "F", "value": "a"}]


def test_matches_name_the_fields_of_the_event_and_are_cut(rules: Rules, batch: Batches) -> None:
    selection = {"Image|endswith": r"\x.exe", "User|contains": "bob", "CommandLine|contains": "long"}
    event = {"NewProcessName": r"C:\x.exe", "SubjectDomainName": "LAB", "SubjectUserName": "Bob", "CommandLine": "long" * 500}
    ruleset = rules({"selection": selection, "condition": "selection"}, logsource={"product": "windows", "category": "process_creation"})
    (signal,) = Detector(ruleset).signals(batch([event], "windows", "Security", "4688")).to_pylist()
    assert [one["field"] for one in signal["matches"]] == ["NewProcessName", "SubjectDomainName", "SubjectUserName", "CommandLine"]
    assert signal["matches"][0]["value"] == r"C:\x.exe"
    assert len(signal["matches"][-1]["value"]) == 500


def test_a_rule_reached_in_two_ways_fires_once(rules: Rules, batch: Batches) -> None:
    ruleset = rules({"selection": {"query|contains": "a"}, "condition": "selection"}, logsource={"category": "dns"})
    events = batch([{"dns.rrname": "a.example", "dns.query.rrname": "a.example"}], "suricata", "dns")
    assert Detector(ruleset).signals(events).num_rows == 1


def test_signals_follow_the_order_of_events(rules: Rules, batch: Batches) -> None:
    one = rules({"selection": {"F|contains": "a"}, "condition": "selection"}).rules
    two = rules({"selection": {"F|contains": "b"}, "condition": "selection"}, id="21111111-2222-4333-8444-555555555555").rules
    signals = Detector(RuleSet((*one, *two))).signals(batch([{"F": "b"}, {"F": "ab"}, {"F": "a"}], "windows", SYSMON, "1"))
    assert signals.column("row").to_pylist() == [0, 1, 1, 2]
    assert signals.column("rule").to_pylist()[1:3] == [one[0].id, two[0].id]


def test_ids_of_many_signals_are_those_of_each() -> None:
    rules, events = ["a", "b", "a"], ["1", "1", "2"]
    assert signal_ids(pa.array(rules), pa.array(events)).to_pylist() == list(map(signal_id, rules, events))
