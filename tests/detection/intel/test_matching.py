from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection import Detector, RuleSet
from watchkeeper.detection.intel.allow import ListType, make_allow_lists
from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Entry
from watchkeeper.detection.intel.known import Known
from watchkeeper.detection.intel.lookup import make_lookup
from watchkeeper.detection.intel.matching import MOST_SEEN, Matcher, Seen
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.signal import SIGNAL_SCHEMA

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _known(*entries: Entry, **more: Any) -> Known:
    return Known(make_lookup(indicators(entries, Defaults("feed"), NOW)[0]), **more)


def _batch(*rows: dict[str, Any], product: str = "windows", service: str = "", time: datetime | None = NOW) -> Batch:
    names = dict.fromkeys(name for row in rows for name in row)
    reserved = [
        [f"{place:032x}" for place in range(len(rows))], [time] * len(rows), ["pc1"] * len(rows), ["log"] * len(rows),
        list(range(len(rows))), [""] * len(rows),
    ]  # fmt: skip
    table = pa.Table.from_arrays([pa.array(column, kind) for column, kind in zip(reserved, RESERVED.types, strict=True)], schema=RESERVED)
    for name in names:
        values = [row.get(name) for row in rows]
        kind = pa.list_(pa.string()) if any(isinstance(value, list) for value in values) else pa.string()
        table = table.append_column(name, pa.array(values, kind))
    return Batch(LogSource(product=product, service=service, event_type=""), table)


def test_a_match_is_a_signal_that_says_what_matched_and_who_says_so() -> None:
    known = _known(Entry("domain", "bad.example", confidence=80, labels=("Nimble",), techniques=("T1071.001",)))
    found = Matcher([known]).signals(_batch({"QueryName": "good.example"}, {"QueryName": "WWW.bad.example", "User": "CORP\\ann"}))
    assert found.schema == SIGNAL_SCHEMA
    (row,) = found.to_pylist()
    assert row["title"] == "Known by intelligence: domain bad.example (Nimble), says feed"
    assert (row["detector"], row["level"], row["host"], row["user"], row["row"]) == ("intel", "high", "pc1", "corp\\ann", 1)
    assert (row["techniques"], row["tactics"]) == (["T1071.001"], ["command-and-control"])
    assert row["matches"] == [{"field": "QueryName", "value": "WWW.bad.example"}]
    assert {"kind": "domain", "value": "www.bad.example"} in row["entities"]
    assert row["rule"] == f"feed/{known.lookup.row(0)['id']}"


def test_a_url_that_stands_in_several_fields_is_matched_whole_and_is_one_entity() -> None:
    seen = _batch(
        {"host": "ok.example", "uri": "/"}, {"host": "bad.example", "uri": "/A/b.bin", "id.resp_p": "80"}, product="zeek", service="http"
    )
    (row,) = Matcher([_known(Entry("url", "http://bad.example/A/b.bin"))]).signals(seen).to_pylist()
    assert [(one["field"], one["value"]) for one in row["matches"]] == [("host", "bad.example"), ("id.resp_p", "80"), ("uri", "/A/b.bin")]
    assert [one["value"] for one in row["entities"] if one["kind"] == "url"] == ["http://bad.example/A/b.bin"]


def test_one_indicator_is_one_signal_an_event_however_many_fields_have_it() -> None:
    known = _known(Entry("address", "203.0.113.7"))
    found = Matcher([known]).signals(_batch({"DestinationIp": "203.0.113.7", "QueryResults": ["::ffff:203.0.113.7;", "x"]}))
    (row,) = found.to_pylist()
    assert [match["field"] for match in row["matches"]] == ["DestinationIp", "QueryResults"]


def test_several_sources_that_know_a_value_are_one_signal_of_the_surest() -> None:
    tables = [
        indicators([Entry("address", "203.0.113.7", confidence=sure)], Defaults(name), NOW)[0] for name, sure in (("a", 20), ("b", 90))
    ]
    found = Matcher([Known(make_lookup(pa.concat_tables(tables)))]).signals(_batch({"DestinationIp": "203.0.113.7"}))
    (row,) = found.to_pylist()
    assert (row["title"], row["level"]) == ("Known by intelligence: address 203.0.113.7, says b, a", "high")


def test_levels_follow_the_confidence() -> None:
    for confidence, level in ((100, "high"), (75, "high"), (74, "medium"), (40, "medium"), (39, "low"), (10, "low"), (9, "informational")):
        found = Matcher([_known(Entry("address", "203.0.113.7", confidence=confidence))]).signals(_batch({"DestinationIp": "203.0.113.7"}))
        assert found.column("level").to_pylist() == [level]


def test_what_expired_before_the_event_is_counted_and_not_raised() -> None:
    matcher = Matcher([_known(Entry("address", "203.0.113.7", valid_until=NOW))])
    assert matcher.signals(_batch({"DestinationIp": "203.0.113.7"})).num_rows == 1
    assert matcher.signals(_batch({"DestinationIp": "203.0.113.7"}, time=NOW + timedelta(days=1))).num_rows == 0
    assert matcher.signals(_batch({"DestinationIp": "203.0.113.7"}, time=None)).num_rows == 1
    (problem,) = matcher.unraised
    assert "1 matches of 1 values were not raised because of an indicator's own expiry: 203.0.113.7 (1)" in problem


def test_a_suppressed_match_is_counted_with_its_list_also_in_another_process() -> None:
    allow = make_allow_lists([ListType("resolvers", "cidr", frozenset({"address"}))], [(0, "203.0.113.0/24")])
    here, there = (Matcher([_known(Entry("address", "203.0.113.7"), allow=allow)]) for _ in range(2))
    batch = _batch({"DestinationIp": "203.0.113.7"}, {"DestinationIp": "203.0.113.7"})
    assert there.signals(batch).num_rows == 0
    here.take_over(there.hand_over())
    assert there.unraised == ()
    assert "2 matches of 1 values were not raised because of resolvers: 203.0.113.7 (2)" in here.unraised[0]


def test_a_detector_gives_them_beside_those_of_rules() -> None:
    detector = Detector(RuleSet((), ()), intel=Matcher([_known(Entry("hash", "a" * 32))]))
    assert detector.signals(_batch({"Hashes": f"MD5={'A' * 32}"})).column("detector").to_pylist() == ["intel"]


def test_what_was_seen_is_bounded_and_what_comes_to_something_is_not_lost() -> None:
    seen = Seen()
    for number in range(3 * MOST_SEEN):
        seen.remember(str(number), ())
    assert seen.unknown(["0"]) == ["0"]
    assert seen.unknown([str(3 * MOST_SEEN - 1), None]) == []


_TEXTS = st.sampled_from(["203.0.113.7", "203.0.113.8", "bad.example", "a.bad.example", "x" * 3_000, "", "-", "10.0.0.1"])


@given(st.lists(st.tuples(_TEXTS, _TEXTS), min_size=1, max_size=12), st.integers(1, 12))
def test_signals_do_not_depend_on_batches(rows: list[tuple[str, str]], size: int) -> None:
    known = _known(Entry("address", "203.0.113.7"), Entry("domain", "bad.example"), Entry("network", "10.0.0.0/8"))
    whole = _batch(*({"DestinationIp": one, "QueryName": other} for one, other in rows))
    matcher = Matcher([known])
    parts = [matcher.signals(Batch(whole.logsource, whole.table.slice(start, size))) for start in range(0, len(rows), size)]
    assert pa.concat_tables(parts).to_pylist() == Matcher([known]).signals(whole).to_pylist()
    expected = sum((one == "203.0.113.7") + other.endswith("bad.example") + (other == "203.0.113.7" != one) for one, other in rows)
    assert sum(part.num_rows for part in parts) == expected


def test_what_is_followed_is_a_signal_of_its_own_detector_even_of_what_an_alert_names() -> None:
    followed = _known(Entry("domain", "evil.example", labels=("since 2026-01-01 for incident ab",)), follows=True)
    found = Detector(RuleSet((), ()), intel=Matcher([followed])).signals(_batch({"QueryName": "a.evil.example"})).to_pylist()
    assert [(one["detector"], one["title"]) for one in found] == [
        ("watch", "Followed: domain evil.example (since 2026-01-01 for incident ab)")
    ]
    batch = _batch({"QueryName": "evil.example"})
    alert = SIGNAL_SCHEMA.empty_table()
    assert Matcher([followed]).told_alerts(batch, alert).column("detector").to_pylist() == ["watch"]


def test_services_tasks_and_fingerprints_are_compared() -> None:
    known = _known(
        Entry("service", "UpdSvc"),
        Entry("task", "\\Sync"),
        Entry("fingerprint", "A" * 32),
        Entry("fingerprint", "t13d1516h2_8daaf6152771_e5627efa2ab1"),
    )
    rows = _batch({"ServiceName": "updsvc"}, {"TaskName": "\\SYNC"})
    assert Matcher([known]).signals(rows).num_rows == 2
    zeek = _batch({"ja3": "a" * 32, "ja4": "t13d1516h2_8daaf6152771_e5627efa2ab1"}, {"ja3": "b" * 32}, product="zeek", service="ssl")
    assert Matcher([known]).signals(zeek).num_rows == 2
