from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.autopilot.backwards import chosen, look_back
from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Entry
from watchkeeper.detection.intel.known import Known, owned
from watchkeeper.detection.intel.lookup import make_lookup
from watchkeeper.lake import OBSERVED, ObservedWriter
from watchkeeper.model.observed import OBSERVED_SCHEMA

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _known(*entries: Entry, source: str = "feed", now: datetime = NOW) -> Known:
    return Known(make_lookup(indicators(entries, Defaults(source), now)[0]))


def _case(folder: Path, *values: tuple[str, str], host: str = "pc1", first: datetime = NOW) -> Path:
    row = {"host": host, "count": 2, "first": first, "last": first + timedelta(hours=1), "event_id": "e", "source": "log", "row": 3}
    rows = [{"kind": kind, "value": value, **row} for kind, value in values]
    ObservedWriter(folder / OBSERVED).add(pa.Table.from_pylist(rows, schema=OBSERVED_SCHEMA))
    return folder


def test_a_match_says_since_when_where_and_by_whom(tmp_path: Path) -> None:
    case = _case(tmp_path, ("domain", "a.bad.example"), ("domain", "good.example"))
    _case(tmp_path, ("domain", "a.bad.example"), host="pc2", first=NOW - timedelta(days=1))
    (match,) = look_back([case], _known(Entry("domain", "bad.example"))).matches
    assert (match.value, match.indicator["value"], match.hosts, match.count) == ("a.bad.example", "bad.example", ("pc2", "pc1"), 4)
    assert (match.since, match.last, match.row) == (NOW - timedelta(days=1), NOW + timedelta(hours=1), 3)


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(22, 32)), max_size=5), st.sets(st.integers(0, 1_023), min_size=1, max_size=5))
def test_networks_find_the_addresses_in_them(
    tmp_path_factory: pytest.TempPathFactory, networks: list[tuple[int, int]], numbers: set[int]
) -> None:
    base = int(ip_address("203.0.112.0"))
    parsed = [ip_network((base + 4 * number, length), strict=False) for number, length in networks]
    addresses = [str(ip_address(base + number)) for number in numbers]
    case = _case(tmp_path_factory.mktemp("case"), *(("address", one) for one in addresses))
    found = look_back([case], _known(*(Entry("network", str(one)) for one in parsed))).matches
    assert {one.value for one in found} == {one for one in addresses if any(ip_address(one) in network for network in parsed)}


def test_an_address_of_ipv6_is_found_by_its_network_and_no_other(tmp_path: Path) -> None:
    case = _case(tmp_path, ("address", "2001:db8::1"), ("address", "2001:db9::1"))
    assert [one.value for one in look_back([case], _known(Entry("network", "2001:db8::/32"))).matches] == ["2001:db8::1"]


def test_what_does_not_count_is_counted_by_its_reason(tmp_path: Path) -> None:
    case = _case(tmp_path, ("address", "203.0.113.7"), ("address", "10.0.0.1"))
    plain = _known(Entry("address", "203.0.113.7"), Entry("address", "10.0.0.1"))
    looked = look_back([case], Known(plain.lookup, own=owned(["203.0.113.0/24"])))
    assert looked.matches == ()
    assert sorted(reason for _, reason in looked.suppressed) == ["own", "private"]


def test_what_expired_before_the_first_event_is_no_match(tmp_path: Path) -> None:
    case = _case(tmp_path, ("hash", "a" * 32))
    assert look_back([case], _known(Entry("hash", "a" * 32, valid_until=NOW - timedelta(days=1)))).matches == ()


def test_indicators_are_chosen_by_source_and_by_when_they_came() -> None:
    tables = [
        _known(Entry("hash", letter * 32), source=letter, now=NOW + timedelta(days=place)).lookup.indicators
        for place, letter in enumerate("ab")
    ]
    known = Known(make_lookup(pa.concat_tables(tables)))
    assert chosen(known) is known
    assert chosen(known, source="a").lookup.indicators.column("source").to_pylist() == ["a"]
    assert chosen(known, since=NOW + timedelta(hours=1)).lookup.indicators.column("source").to_pylist() == ["b"]


def test_a_folder_that_is_no_case_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is no case"):
        look_back([tmp_path / "x"], _known(Entry("hash", "a" * 32)))
