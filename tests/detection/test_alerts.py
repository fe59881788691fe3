"""Alerts of other products: signals without any rule."""

from collections.abc import Callable

from watchkeeper.detection import Detector, RuleSet
from watchkeeper.model.batch import Batch
from watchkeeper.model.signal import SIGNAL_SCHEMA

FULL = {
    "signal.rule": "R1",
    "signal.title": "Something odd",
    "signal.level": "High",
    "signal.detector": "ids",
    "signal.user": "bob",
    "signal.techniques": ["T1003.001"],
    "signal.entities": ["address:10.0.0.9", "address:127.0.0.1", r"user:LAB\Bob", "colour:red", "host:ws1"],
    "synthetic": "true",
}


def signals(batch: Batch) -> list[dict]:
    table = Detector(RuleSet(())).signals(batch)
    assert table.schema == SIGNAL_SCHEMA
    return table.to_pylist()


def test_an_alert_becomes_a_signal(batch: Callable[..., Batch]) -> None:
    (found,) = signals(batch([FULL], "ids", "alerts"))
    assert (found["rule"], found["title"], found["level"]) == ("R1", "Something odd", "high")
    assert (found["detector"], found["user"]) == ("ids", "bob")
    assert (found["host"], found["source"], found["row"], found["event_id"]) == ("ws1", "log", 0, "0" * 32)
    assert found["techniques"] == ["T1003.001"]
    assert found["tactics"] == ["credential-access"]
    assert found["entities"] == [
        {"kind": "host", "value": "ws1"},
        {"kind": "address", "value": "10.0.0.9"},
        {"kind": "user", "value": r"lab\bob"},
    ]
    assert found["synthetic"]


def test_what_an_alert_does_not_say_is_empty(batch: Callable[..., Batch]) -> None:
    first, second = signals(batch([{"signal.rule": "R2", "signal.level": "severe"}, FULL], "ids", "alerts"))
    assert (first["title"], first["level"], first["detector"]) == ("", "informational", "ids")
    assert (first["user"], first["synthetic"]) == ("", False)
    assert (first["techniques"], first["tactics"], first["matches"]) == ([], [], [])
    assert first["entities"] == [{"kind": "host", "value": "ws1"}]
    assert second["rule"] == "R1"


def test_lists_of_one_may_be_written_as_text(batch: Callable[..., Batch]) -> None:
    rows = [{"signal.rule": "R", "signal.techniques": "T1059"}, {"signal.rule": "R"}]
    first, second = signals(batch(rows, "ids", "alerts"))
    assert (first["techniques"], second["techniques"]) == (["T1059"], [])


def test_ids_depend_on_rule_and_event(batch: Callable[..., Batch]) -> None:
    ids = [one["id"] for one in signals(batch([FULL, FULL, {**FULL, "signal.rule": "R3"}], "ids", "alerts"))]
    assert len(set(ids)) == 3
    assert ids == [one["id"] for one in signals(batch([FULL, FULL, {**FULL, "signal.rule": "R3"}], "ids", "alerts"))]


def test_no_alerts_give_no_signals(batch: Callable[..., Batch]) -> None:
    full = batch([FULL], "ids", "alerts")
    assert signals(Batch(full.logsource, full.table.slice(0, 0))) == []
