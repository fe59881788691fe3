"""Which host had an address is known by what says both, at the time asked."""

from datetime import timedelta
from types import SimpleNamespace

from watchkeeper.model.event import Event
from watchkeeper.tracing.addresses import Addresses

ADDRESS = "10.1.0.7"


def seen(made: SimpleNamespace, host: str, minute: int, **more: str) -> Event:
    fields = {"Initiated": "true", "SourceIp": ADDRESS, "DestinationIp": "198.51.100.4", "DestinationPort": "443"} | more
    return made.windows("sysmon", 3, 60 * minute, host, **fields)


def test_an_address_that_changed_hands_is_the_host_s_that_had_it_then(made: SimpleNamespace) -> None:
    found = Addresses([*(seen(made, "ws1", at) for at in range(5)), *(seen(made, "ws2", 600 + at) for at in range(5))])
    assert found.settled == {}
    assert [found.at(ADDRESS, made.START + timedelta(minutes=at)) for at in (2, 300, 602)] == ["ws1", "", "ws2"]
    assert found.of({"ws2"}) == {ADDRESS}


def test_between_two_hosts_nobody_is_named(made: SimpleNamespace) -> None:
    found = Addresses([seen(made, "ws1", 0), seen(made, "ws2", 20)])
    assert found.at(ADDRESS, made.START + timedelta(minutes=10)) == ""


def test_one_host_s_address_is_its_own_at_any_time(made: SimpleNamespace) -> None:
    found = Addresses([seen(made, "ws1", at) for at in range(20)] + [seen(made, "ws2", 21)])
    assert found.at(ADDRESS, made.START - timedelta(days=3)) == "ws1"
    assert found.at("10.1.0.8", made.START) == ""


def test_a_connection_that_came_in_shows_the_address_of_its_target(made: SimpleNamespace) -> None:
    filtered = {"SourceAddress": ADDRESS, "DestAddress": "10.1.0.20", "DestPort": "445"}
    found = Addresses([made.windows("security", 5156, 1, "srv2", Direction="%%14592", **filtered)])
    assert found.settled == {"10.1.0.20": "srv2"}
    found = Addresses([made.windows("security", 5156, 1, "ws1", Direction="%%14593", **filtered)])
    assert found.settled == {ADDRESS: "ws1"}


def test_a_host_s_own_logon_and_a_lease_say_its_address(made: SimpleNamespace) -> None:
    own = made.windows("security", 4624, 1, "dc1", TargetUserName="WS1$", IpAddress=ADDRESS, LogonType="3")
    person = made.windows("security", 4624, 1, "dc1", TargetUserName="eva", IpAddress="10.1.0.9", LogonType="3")
    lease = made.zeek("dhcp", 2, "C1", assigned_addr="10.1.0.8", host_name="WS8.corp.example")
    assert Addresses([own, person, lease]).settled == {ADDRESS: "ws1", "10.1.0.8": "ws8"}
