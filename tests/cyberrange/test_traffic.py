import ipaddress
from collections.abc import Callable

import pytest

from watchkeeper.cyberrange import SCENARIOS
from watchkeeper.cyberrange.traffic import known


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_protocol_logs_belong_to_a_connection(scenario: str, day: Callable) -> None:
    records = day(scenario).records
    connections = {record["uid"]: record for record in records["zeek/conn.log"]}
    ends = ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p")
    for log in ("dns", "http", "ssl", "smb_mapping"):
        for record in records[f"zeek/{log}.log"]:
            assert [record[key] for key in ends] == [connections[record["uid"]][key] for key in ends]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_a_host_says_of_a_connection_the_gateway_saw_too(scenario: str, day: Callable) -> None:
    made = day(scenario)
    ends = {(record["id.orig_h"], str(record["id.orig_p"]), record["id.resp_h"]) for record in made.records["zeek/conn.log"]}
    outward = [record for _, record in made.windows(3) if not ipaddress.ip_address(record["DestinationIp"]).is_private]
    assert len(outward) > 100
    for record in outward:
        assert (record["SourceIp"], record["SourcePort"], record["DestinationIp"]) in ends


def test_the_gateway_sees_nothing_within_one_network(day: Callable) -> None:
    for record in day("none").records["zeek/conn.log"]:
        assert record["id.orig_h"].rpartition(".")[0] != record["id.resp_h"].rpartition(".")[0]


def test_a_known_site_always_has_the_same_address() -> None:
    assert known("www.ups.com") == known("www.ups.com")
    assert known("www.ups.com").address != known("www.dhl.com").address
    assert known("outlook.office365.com").address.startswith(("20.", "40.", "52."))
