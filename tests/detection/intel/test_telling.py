from datetime import UTC, datetime
from typing import Any

import pytest

from watchkeeper.detection import Detector, RuleSet
from watchkeeper.detection.intel.allow import ListType, make_allow_lists
from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Entry
from watchkeeper.detection.intel.known import Known
from watchkeeper.detection.intel.lookup import make_lookup
from watchkeeper.detection.intel.matching import Matcher
from watchkeeper.model.signal import SIGNAL_SCHEMA

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ALERT = {"signal.rule": "1:2001", "signal.title": "Odd traffic", "signal.level": "low", "signal.detector": "suricata"}


def _known(*entries: Entry, **more: Any) -> Known:
    return Known(make_lookup(indicators(entries, Defaults("feed"), NOW)[0]), **more)


def _signals(batch: Any, alerts: list[dict[str, Any]], *known: Known) -> list[dict[str, Any]]:
    matcher = Matcher(known) if known else None
    found = Detector(RuleSet((), ()), intel=matcher).signals(batch(alerts, product="suricata", service="alert"))
    assert found.schema == SIGNAL_SCHEMA
    return found.to_pylist()


@pytest.mark.parametrize(
    ("kind", "value", "more", "field"),
    [
        ("address", "203.0.113.7", {"dest_ip": "203.0.113.7"}, "dest_ip"),
        ("address", "203.0.113.7", {"signal.entities": ["host:ws1", "address:203.0.113.7"]}, "signal.entities"),
        ("domain", "bad.example", {"signal.entities": ["domain:WWW.bad.example"]}, "signal.entities"),
        ("url", "http://bad.example/a", {"signal.entities": ["url:HTTP://bad.example:80/a"]}, "signal.entities"),
        ("hash", "a" * 64, {"signal.entities": ["hash:" + "A" * 64]}, "signal.entities"),
    ],
)
def test_what_is_known_of_an_alert_is_told_in_its_one_signal(batch: Any, kind: str, value: str, more: dict[str, Any], field: str) -> None:
    known = _known(Entry(kind, value, confidence=80, labels=("Nimble",), techniques=("T1071.001",)))
    first, second, third = _signals(batch, [ALERT, ALERT | more, ALERT], known)
    assert (second["rule"], second["detector"], second["level"]) == ("1:2001", "suricata", "high")
    assert second["title"].startswith("Odd traffic; Known by intelligence: ")
    assert second["title"].endswith("(Nimble), says feed")
    assert (second["techniques"], second["tactics"]) == (["T1071.001"], ["command-and-control"])
    assert [match["field"] for match in second["matches"]] == [field]
    assert [(one["title"], one["level"], one["matches"]) for one in (first, third)] == [("Odd traffic", "low", [])] * 2
    assert [one["row"] for one in (first, second, third)] == [0, 1, 2]


def test_an_alert_that_is_higher_already_stays_so(batch: Any) -> None:
    (row,) = _signals(batch, [ALERT | {"signal.level": "critical", "dest_ip": "203.0.113.7"}], _known(Entry("address", "203.0.113.7")))
    assert row["level"] == "critical"


def test_several_indicators_and_watchlists_are_still_one_signal(batch: Any) -> None:
    feed = _known(Entry("address", "203.0.113.7", confidence=20), Entry("domain", "bad.example", confidence=50))
    watched = _known(Entry("user", "ann"), always=True)
    (row,) = _signals(batch, [ALERT | {"signal.entities": ["address:203.0.113.7", "domain:bad.example", "user:ann"]}], feed, watched)
    assert row["title"].count("Known by intelligence: ") == 2
    assert "On a watchlist: user ann" in row["title"]
    assert [match["value"] for match in row["matches"]] == ["address:203.0.113.7", "domain:bad.example", "user:ann"]


def test_what_is_harmless_or_no_entity_changes_no_alert(batch: Any) -> None:
    allow = make_allow_lists([ListType("resolvers", "cidr", frozenset({"address"}))], [(0, "203.0.113.0/24")])
    matcher = Matcher([_known(Entry("address", "203.0.113.7"), Entry("domain", "bad.example"), allow=allow)])
    named = ["address:203.0.113.7", "registry:bad.example", "entity:domain:bad.example", "bad.example", ":", ""]
    (row,) = Detector(RuleSet((), ()), intel=matcher).signals(batch([ALERT | {"signal.entities": named}])).to_pylist()
    assert (row["title"], row["level"], row["matches"]) == ("Odd traffic", "low", [])
    assert "1 matches of 1 values were not raised because of resolvers" in matcher.unraised[0]


def test_without_intelligence_alerts_are_what_they_were(batch: Any) -> None:
    (row,) = _signals(batch, [ALERT | {"dest_ip": "203.0.113.7"}])
    assert (row["title"], row["matches"]) == ("Odd traffic", [])
