"""Which events say that a host was at an address."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from watchkeeper.assets.sightings import short, sightings
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource

TIME = datetime(2024, 1, 2, tzinfo=UTC)
MICRO = int(TIME.timestamp()) * 1_000_000
SYSMON = "Microsoft-Windows-Sysmon/Operational"


def seen(product: str, service: str, event_type: str, **fields: object) -> list[tuple[str, str, int | None, str]]:
    columns = {
        "_host": pa.array(["ws1"]),
        "_time": pa.array([TIME], pa.timestamp("us", tz="UTC")),
        **{name: pa.array([value]) for name, value in fields.items()},
    }
    return list(sightings(Batch(LogSource(product=product, service=service, event_type=event_type), pa.table(columns))))


@pytest.mark.parametrize(
    ("source", "fields", "address", "host", "said_by"),
    [
        (("windows", SYSMON, "3"), {"Initiated": "true", "SourceIp": "10.0.0.7"}, "10.0.0.7", "ws1", "own"),
        (("zeek", "dhcp", ""), {"host_name": "WS9", "assigned_addr": "10.0.0.9"}, "10.0.0.9", "ws9", "dhcp"),
        (("windows", "Security", "4624"), {"WorkstationName": "WS8", "IpAddress": "::ffff:10.0.0.8"}, "10.0.0.8", "ws8", "logon"),
        (("zeek", "dns", ""), {"query": "ws7.corp.example", "answers": ["10.0.0.7"]}, "10.0.0.7", "ws7", "dns"),
        (("windows", SYSMON, "22"), {"QueryName": "ws7.corp", "QueryResults": "type: 5 x;::ffff:10.0.0.7;"}, "10.0.0.7", "ws7", "dns"),
        (("m365", "DeviceNetworkEvents", ""), {"LocalIP": "10.0.0.6"}, "10.0.0.6", "ws1", "agent"),
    ],
)
def test_an_event_says_where_a_host_was(
    source: tuple[str, str, str], fields: dict[str, object], address: str, host: str, said_by: str
) -> None:
    assert seen(*source, **fields) == [(address, host, MICRO, said_by)]


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        (("windows", SYSMON, "3"), {"Initiated": "false", "SourceIp": "10.0.0.7"}),
        (("windows", SYSMON, "3"), {"SourceIp": "10.0.0.7"}),
        (("windows", "Security", "4624"), {"WorkstationName": "-", "IpAddress": "10.0.0.8"}),
        (("windows", "Security", "4624"), {"WorkstationName": "WS8", "IpAddress": "127.0.0.1"}),
        (("zeek", "dns", ""), {"query": "a.example", "answers": ["203.0.113.5"]}),  # of names outside we know no host
        (("zeek", "conn", ""), {"id.orig_h": "10.0.0.7"}),
    ],
)
def test_other_events_say_nothing(source: tuple[str, str, str], fields: dict[str, object]) -> None:
    assert seen(*source, **fields) == []


def test_a_host_is_called_by_its_first_label() -> None:
    assert [short(name) for name in (r"\\WS1", "ws1.corp.example", "-", "", "10.0.0.1")] == ["ws1", "ws1", "", "", ""]
