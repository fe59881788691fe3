"""Clocks that disagree are found by what two witnesses recorded of the same thing, and only then."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from watchkeeper.model.event import Event
from watchkeeper.tracing.skew import skews


def connection(made: SimpleNamespace, number: int, host: str, late: float) -> Event:
    fields = {"SourceIp": "10.1.0.7", "SourcePort": str(50_000 + number), "DestinationIp": "10.1.0.20", "DestinationPort": "445"}
    return made.windows("sysmon", 3, 60 * number + late, host, **fields)


def flow(made: SimpleNamespace, number: int, late: float) -> Event:
    return made.zeek("conn", 60 * number + late, f"C{number}", f"10.1.0.7 {50_000 + number} 10.1.0.20 445")


@pytest.mark.parametrize(("late", "local"), [(300.0, False), (3600.0, True), (-19_800.0, True), (4000.0, False)])
def test_two_ends_of_the_same_connections_show_how_far_their_clocks_lie_apart(made: SimpleNamespace, late: float, local: bool) -> None:
    events = [connection(made, at, host, by) for at in range(4) for host, by in (("ws7", 0.0), ("srv2", late + at))]
    (found,) = skews(events)
    assert {found.one, found.other} == {"ws7", "srv2"}
    assert abs(abs(found.apart) - timedelta(seconds=abs(late))) <= timedelta(seconds=3)
    assert found.local == local


def test_a_sensor_that_writes_local_time_is_found_by_the_host_s_connections(made: SimpleNamespace) -> None:
    events = [one for at in range(3) for one in (connection(made, at, "ws7", 0), flow(made, at, 7200))]
    (found,) = skews(events)
    assert (found.one, found.other, found.local, found.apart) == ("ws7", "zeek", True, timedelta(hours=-2))


@pytest.mark.parametrize("twins", [2, 0])
def test_few_twins_or_clocks_that_agree_say_nothing(made: SimpleNamespace, twins: int) -> None:
    few = [connection(made, at, host, by) for at in range(twins) for host, by in (("ws7", 0.0), ("srv2", 900.0))]
    agreeing = [connection(made, at, host, by) for at in range(10, 14) for host, by in (("ws7", 0.0), ("srv2", 2.0))]
    assert skews([*few, *(agreeing if not twins else [])]) == ()


def test_differences_that_do_not_agree_with_each_other_are_no_clock(made: SimpleNamespace) -> None:
    events = [connection(made, at, host, by) for at in range(5) for host, by in (("ws7", 0.0), ("srv2", 200.0 * at))]
    assert skews(events) == ()


def test_logons_before_their_tickets_show_a_host_behind_the_domain_controller(made: SimpleNamespace) -> None:
    events: list[Event] = []
    for at in range(3):
        guid = f"{{AB-{at}}}"
        events.append(made.windows("security", 4769, 60 * at, "dc1", TargetUserName="eva", LogonGuid=guid))
        events.append(made.windows("security", 4624, 60 * at - 240, "srv2", TargetUserName="eva", LogonGuid=guid, LogonType="3"))
    (found,) = skews(events)
    assert (found.one, found.other, found.apart, found.local) == ("dc1", "srv2", timedelta(minutes=4), False)
