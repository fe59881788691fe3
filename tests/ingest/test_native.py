import json

from watchkeeper.ingest.hot import HotLane
from watchkeeper.ingest.native import native_fields
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender

_LINE = json.dumps({
    "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Hostname": "WS1.corp.example",
    "SourceName": "Microsoft-Windows-Sysmon",
    "@timestamp": "2026-11-26T10:00:00.000Z", "Image": "C:\\a.exe", "CommandLine": "a.exe -x", "User": "CORP\\jane",
})  # fmt: skip


def test_what_the_hot_lane_kept_as_a_line_has_its_fields_again() -> None:
    body = _LINE.encode() + b"\n"
    received = Received(Sender(id="a" * 32, tenant="default", name="one"), "bulk", "", 1_795_000_000_000_000, body, 1)
    (row,) = HotLane().events(received, 7)[0].to_pylist()
    assert row["_fields"] is None
    source = LogSource(product=row["_product"], service=row["_service"], event_type=row["_event_type"])
    fields = native_fields(source, row["_raw"])
    assert (fields["CommandLine"], fields["User"], fields["EventID"]) == ("a.exe -x", "CORP\\jane", "1")


def test_a_line_that_is_none_has_no_fields() -> None:
    assert native_fields(LogSource(product="windows"), "no JSON") == {}
    assert native_fields(LogSource(product="windows"), "{") == {}
