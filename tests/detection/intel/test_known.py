from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watchkeeper.detection.intel.allow import ListType, make_allow_lists
from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Entry
from watchkeeper.detection.intel.known import OWN, PRIVATE, Known, is_special, owned
from watchkeeper.detection.intel.lookup import make_lookup

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _known(*entries: tuple[str, str], inside: bool = False, **more: Any) -> Known:
    found, account = indicators([Entry(kind, text) for kind, text in entries], Defaults("feed", inside=inside), NOW)
    assert not account.refused
    return Known(make_lookup(found), **more)


def _reasons(known: Known, kind: str, value: str) -> list[str]:
    (verdict,) = known.verdicts([(kind, value)])
    assert verdict is not None
    return ["counts"] * len(verdict.rows) + [f"{one.reason}: {one.because.list_name}: {one.because.entry}" for one in verdict.suppressed]


def test_an_address_is_known_by_itself_and_by_networks_around_it() -> None:
    known = _known(("address", "203.0.113.7"), ("network", "203.0.113.0/24"), ("network", "203.0.0.0/16"))
    assert _reasons(known, "address", "203.0.113.7") == ["counts"] * 3
    assert _reasons(known, "address", "203.0.9.9") == ["counts"]
    assert known.verdicts([("address", "198.51.100.1")]) == [None]


def test_a_domain_is_known_by_those_above_it_but_not_by_those_below() -> None:
    known = _known(("domain", "bad.example"))
    assert _reasons(known, "domain", "a.b.bad.example") == ["counts"]
    assert known.verdicts([("domain", "notbad.example"), ("domain", "example")]) == [None, None]


def test_private_addresses_match_only_indicators_that_say_so() -> None:
    entries = (("address", "10.1.2.3"), ("network", "127.0.0.0/8"))
    assert _reasons(_known(*entries), "address", "10.1.2.3") == [f"private: {PRIVATE}: 10.0.0.0/8"]
    assert _reasons(_known(*entries), "address", "127.0.0.1") == [f"private: {PRIVATE}: 127.0.0.0/8"]
    assert _reasons(_known(*entries, inside=True), "address", "10.1.2.3") == ["counts"]


def test_what_is_the_organisations_own_does_not_count() -> None:
    own = owned(["203.0.113.0/24"], ["corp.example"])
    known = _known(
        ("address", "203.0.113.7"), ("domain", "www.corp.example"), ("url", "http://corp.example/x"), ("mailbox", "a@corp.example"), own=own
    )
    assert _reasons(known, "address", "203.0.113.7") == [f"own: {OWN}: 203.0.113.0/24"]
    for kind, value in (("domain", "www.corp.example"), ("url", "http://corp.example/x"), ("mailbox", "a@corp.example")):
        assert _reasons(known, kind, value) == [f"own: {OWN}: corp.example"]


def test_an_address_on_a_list_within_a_network_that_is_none_does_not_count() -> None:
    allow = make_allow_lists([ListType("resolvers", "cidr", frozenset({"address", "network"}))], [(0, "203.0.113.53/32")])
    known = _known(("network", "203.0.113.0/24"), allow=allow)
    assert _reasons(known, "address", "203.0.113.53") == ["allow-list: resolvers: 203.0.113.53/32"]
    assert _reasons(known, "address", "203.0.113.54") == ["counts"]


def test_an_indicator_on_a_list_does_not_count_for_what_is_under_it() -> None:
    allow = make_allow_lists([ListType("platforms", "string", frozenset({"domain"}))], [(0, "pages.example")])
    assert _reasons(_known(("domain", "pages.example"), allow=allow), "domain", "me.pages.example") == [
        "allow-list: platforms: pages.example"
    ]


def test_watchlists_are_never_suppressed() -> None:
    assert _reasons(_known(("address", "10.1.2.3"), own=owned(["10.0.0.0/8"]), always=True), "address", "10.1.2.3") == ["counts"]


def test_an_indicator_counts_until_it_expires() -> None:
    found, _ = indicators([Entry("address", "203.0.113.7", valid_until=NOW)], Defaults("feed"), NOW)
    known = Known(make_lookup(found))
    assert known.at((0,), NOW) == (0,)
    assert known.at((0,), NOW + timedelta(seconds=1)) == ()
    assert known.at((0,), None) == (0,)


def test_the_surest_indicator_comes_first() -> None:
    low, _ = indicators(
        [Entry("address", "203.0.113.7", confidence=10), Entry("network", "203.0.113.0/24", confidence=90)], Defaults("feed"), NOW
    )
    known = Known(make_lookup(low))
    (verdict,) = known.verdicts([("address", "203.0.113.7")])
    assert verdict is not None
    assert [known.lookup.row(row)["confidence"] for row in verdict.rows] == [90, 10]


@pytest.mark.parametrize(("networks", "domains"), [(["300.0.0.0/8"], []), ([], ["no domain"])])
def test_what_is_no_network_or_domain_is_said(networks: list[str], domains: list[str]) -> None:
    with pytest.raises(ValueError, match="write it like"):
        owned(networks, domains)


def test_a_url_at_a_special_address_is_special() -> None:
    assert is_special("url", "http://192.168.1.1/x") == "192.168.0.0/16"
    assert is_special("url", "http://bad.example/x") == ""
    assert is_special("address", "203.0.113.7") == ""


def test_a_network_itself_can_be_asked_for() -> None:
    assert _reasons(_known(("network", "203.0.113.0/24")), "network", "203.0.113.0/24") == ["counts"]
