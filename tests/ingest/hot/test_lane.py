"""The hot lane says what the slow lane says, loses nothing, and never reads or writes beside its bytes."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.ingest.arrival import SlowLane
from watchkeeper.ingest.arrived_lines import Line
from watchkeeper.ingest.hot import HotLane
from watchkeeper.ingest.hot.lane import PIECE_BYTES
from watchkeeper.model.batch import Batch
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender
from watchkeeper.model.stored import STORED_SCHEMA
from watchkeeper.schema import stored

NOW = int(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()) * 1_000_000
SENDER = Sender(id="0123456789abcdef" * 2, tenant="acme", name="edge")
TIMES = {"@timestamp": "2020-09-20T13:53:26.417Z", "TimeCreated": "2020-09-20T13:53:26.417Z", "UtcTime": "2020-09-20 13:53:26.001"}
SYSMON = {"Channel": "Microsoft-Windows-Sysmon/Operational", "SourceName": "Microsoft-Windows-Sysmon", "Hostname": "PC7.corp.lan"}
SECURITY = {"Channel": "Security", "SourceName": "Microsoft-Windows-Security-Auditing", "Hostname": "DC1.corp.lan"}
HASHED = "SHA1=AB,MD5=CD,SHA256=EF,IMPHASH=00"
NXLOG = {
    "SourceModuleType": "im_msvistalog",
    "SourceModuleName": "in",
    "EventTime": "2020-09-20 09:53:26",
    "EventReceivedTime": "2020-09-20 09:53:27",
    "EventType": "INFO",
    "Severity": "INFO",
    "RecordNumber": 5,
    "ExecutionProcessID": 2_500,
    "ThreadID": 3_000,
    "host": "wec",
    "port": 60_000,
    "@timestamp": "2020-09-20T13:53:26.417Z",
    "tags": ["x"],
}
RENDERED = (
    "Registry object added or deleted:\r\nRuleName: -\r\nEventType: CreateKey\r\nUtcTime: 2020-09-20 13:53:26.001\r\nProcessId: 7\r\n"
)
EVENTS: tuple[dict[str, Any], ...] = (
    {
        **SYSMON,
        **TIMES,
        "EventID": 1,
        "Image": "C:\\Windows\\a.exe",
        "ProcessId": "0x1f",
        "ParentProcessId": 44,
        "CommandLine": 'a "b"\t\u4f60',
        "User": "CORP\\ann",
        "ParentImage": "C:\\p.exe",
        "Hashes": HASHED,
        "Message": "Process Create:\r\nProcessId: 31\r\n",
    },
    {
        **SYSMON,
        **TIMES,
        "EventID": "3",
        "SourceIp": "10.0.0.5",
        "DestinationIp": "0:0:0:0:0:0:0:1",
        "SourcePort": 50_000,
        "DestinationPort": "443",
    },
    {**SYSMON, **TIMES, "EventID": 7, "ImageLoaded": "C:\\x.dll", "Hash": "SHA1=AA", "Image": "-", "ProcessId": "12.5"},
    {**SYSMON, **TIMES, **NXLOG, "EventID": 12, "TargetObject": "HKLM\\x", "ProcessId": "7", "Message": RENDERED},
    {**SYSMON, **TIMES, **NXLOG, "EventID": 5, "ProcessID": 9, "ProcessId": "7", "Message": "x"},
    {**SYSMON, **TIMES, "EventID": 12, "EventType": "DeleteKey", "TargetObject": "HKLM\\x"},
    {**SYSMON, **TIMES, "EventID": 22, "QueryName": "example.org", "QueryResults": "::ffff:1.2.3.4;", "Image": "null"},
    {
        **SECURITY,
        **TIMES,
        "EventID": 4624,
        "SubjectUserName": "-",
        "TargetUserName": "ann",
        "IpAddress": "::ffff:10.1.1.9",
        "IpPort": "0",
        "LogonType": 3,
        "WorkstationName": "WS9",
        "ProcessId": "0x3e4",
        "ProcessName": "C:\\l.exe",
    },
    {**SECURITY, **TIMES, "EventID": 4769, "TargetUserName": "bob@CORP.LAN", "Status": "0x0", "ServiceName": "cifs", "IpPort": 4_711},
    {**SECURITY, **TIMES, "EventID": 4776, "Workstation": "ws2", "Status": "0xc0000064", "TargetUserName": ""},
    {**SECURITY, **TIMES, "EventID": 4688, "NewProcessName": "C:\\n.exe", "NewProcessId": "0x10", "ProcessId": "0x11", "CommandLine": ""},
    {"Channel": "Windows PowerShell", "EventID": 800, "Hostname": "h", "@timestamp": "2020-01-01T00:00:00Z", "Message": "Pipeline\r\nx"},
    {"Channel": "Windows PowerShell", "EventID": 800, "Hostname": "h", **NXLOG, "Message": "Pipeline"},
    {"Channel": "Windows PowerShell", "EventID": 800, "Hostname": "h", **NXLOG, "Message": "Pipeline", "ProcessID": 0},
    {
        "Channel": "System",
        "EventID": 7036,
        "Computer": "h",
        "TimeCreated": "2020-01-01T00:00:00+02:00",
        "param1": "Spooler",
        "param2": "running",
    },
    {
        "Channel": "Unheard/Of",
        "EventID": 77,
        "Computer": "10.0.0.9",
        "EventTime": "2020-02-29 00:00:00.1234567",
        "x": {"y": [1, {"z": []}]},
    },
    {
        "@timestamp": "2021-02-03T04:05:06.789Z",
        "host": {"name": "dc1", "ip": ["1.2.3.4"]},
        "agent": {"type": "winlogbeat"},
        "message": "An account",
        "event": {"code": "4624", "kind": "event", "provider": "Microsoft-Windows-Security-Auditing", "action": "Logon"},
        "winlog": {
            "channel": "Security",
            "event_id": "4624",
            "computer_name": "DC1.corp.lan",
            "provider_name": "Microsoft-Windows-Security-Auditing",
            "record_id": 7,
            "process": {"pid": 4, "thread": {"id": 5}},
            "keywords": ["Audit Success"],
            "event_data": {"TargetUserName": "ann", "IpAddress": "10.1.1.9", "IpPort": "50123", "LogonType": "3", "ProcessId": "0x0"},
        },
    },
    {
        "@timestamp": "2021-02-03T04:05:06Z",
        "message": "Process Create:\nProcessId: 5",
        "winlog": {
            "channel": "Microsoft-Windows-Sysmon/Operational",
            "event_id": 1,
            "computer_name": "pc",
            "provider_name": "Microsoft-Windows-Sysmon",
            "event_data": {
                "Image": "C:\\i.exe",
                "ProcessId": "5",
                "UtcTime": "2021-02-03 04:05:05.999",
                "Hashes": HASHED,
                "User": "NT AUTHORITY\\SYSTEM",
            },
        },
    },
)
"""What both lanes must say the same of, and the hot lane takes."""
LEFT = {**EVENTS[-1], "winlog": {**EVENTS[-1]["winlog"], "event_data": {"Image": "C:\\i.exe"}}}
"""One that has a field in its message alone, which is left."""


def came(*lines: bytes, sender: Sender = SENDER, ids: tuple[str, ...] = ()) -> Received:
    return Received(sender, "ndjson", "127.0.0.1", NOW, b"".join(line + b"\n" for line in lines), len(lines), ids)


def written(event: dict[str, Any]) -> bytes:
    return msgspec.json.encode(event)


def slow(received: Received, lines: list[Line] | None = None) -> list[dict[str, Any]]:
    found = [one for one in SlowLane().events(received, 7, lines) if isinstance(one, Batch)]
    rows = [row for one in found for row in stored(one, received.sender.tenant, received.time).to_pylist()]
    return sorted(rows, key=lambda row: (row["_row"], row["_id"]))


def hot(table: pa.Table) -> list[dict[str, Any]]:
    table.validate(full=True)
    assert table.schema == STORED_SCHEMA
    return table.to_pylist()


def check(lane: HotLane, received: Received) -> int:
    """Check that both lanes say the same, with nothing lost; give how many events the hot one took."""
    table, left = lane.events(received, 7)
    rows = hot(table)
    taken = {row["_row"] for row in rows}
    assert taken.isdisjoint(line.place for line in left)
    both = slow(received)
    assert [line for line in left if line.text.strip(b" \t\r\n\xef\xbb\xbf")] == left or not left
    assert {row["_row"] for row in both} == taken | {line.place for line in left if line.text.strip(b" \t\r\n\xef\xbb\xbf")}
    wanted = [{**row, "_fields": None} for row in both if row["_row"] in taken]
    assert rows == wanted
    return len(rows)


@pytest.fixture(scope="session")
def lane() -> HotLane:
    return HotLane()


VALUES = st.sampled_from(
    [
        "",
        "-",
        "null",
        "(null)",
        "%%1793",
        "0x1F",
        "12",
        "007",
        "-5",
        "12.75",
        "1" * 19,
        "CORP\\ann",
        "a\\b\\c",
        "\\",
        "x\\",
        "10.0.0.1",
        "::1",
        "010.1.1.1",
        "[::1]",
        "1.2.3.4:80",
        "é❖😀",
        "\u0000",
        "a/b",
        "\r\n",
        "2020-01-01T00:00:00Z",
        "2020-13-01T00:00:00Z",
        "SHA1=A,MD5=B",
        "host.corp.lan",
        "{}",
        "{x",
        "٣",
        "bob@corp",
    ]
)
SCALARS = VALUES | st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=12)
ANY = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.sampled_from(["a", "name", "#text", "Channel"]), SCALARS, max_size=2)
NAMES = sorted(
    {name for event in EVENTS for name in event}
    | {
        "Computer",
        "MachineName",
        "message",
        "Provider_Name",
        "Provider",
        "EventData",
        "System",
        "Id",
        "SystemTime",
        "Timestamp",
        "ProcessID",
        "Hash",
        "SHA256",
        "md5",
        "event",
        "agent",
        "rule",
        "actor",
        "action",
        "data",
        "win",
        "TimeGenerated",
        "Execution_ProcessID",
        "x.y",
        "LogName",
        "Data",
        "EventTypeOrignal",
    }
)
INNER = [
    "event_data",
    "channel",
    "event_id",
    "Channel",
    "computer_name",
    "provider_name",
    "Image",
    "user_data",
    "ProcessId",
    "EventID",
    "a.b",
    "Message",
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: str(event.get("EventID", "winlogbeat")))
def test_every_form_is_what_the_readers_say(lane: HotLane, event: dict[str, Any]) -> None:
    assert check(lane, came(written(event))) == 1


def test_many_lines_keep_their_places_and_ids(lane: HotLane) -> None:
    lines = [*map(written, EVENTS), b"", written(LEFT), b"no JSON", b'{"EventID":1', b"  " + written(EVENTS[0]) + b" \r"]
    received = came(*lines, ids=("", "own") * 10)
    assert check(lane, received) == len(EVENTS) + 1
    assert [line.text for line in lane.events(received, 7)[1]] == [written(LEFT), b"no JSON", b'{"EventID":1']


def test_another_reader_of_the_sender_leaves_all_lines(lane: HotLane) -> None:
    table, left = lane.events(came(written(EVENTS[0]), b" ", sender=SENDER.model_copy(update={"reader": "text"})), 1)
    assert (table.num_rows, [line.place for line in left]) == (0, [0])


def test_the_last_line_need_not_end_and_nothing_is_nothing(lane: HotLane) -> None:
    whole = came(written(EVENTS[0]))
    assert lane.events(came(), 1)[0].num_rows == 0
    for received in (whole, replace(whole, body=whole.body[:-1])):
        assert hot(lane.events(received, 1)[0])[0]["_raw"] == written(EVENTS[0]).decode()


def test_a_long_line_is_left_and_those_around_it_are_not(lane: HotLane) -> None:
    long = written({**EVENTS[0], "CommandLine": "x" * (2 * PIECE_BYTES)})
    received = came(written(EVENTS[0]), long, written(EVENTS[1]))
    table, left = lane.events(received, 7)
    assert [row["_row"] for row in hot(table)] == [0, 2]
    assert [(line.place, line.text) for line in left] == [(1, long)]


def test_a_body_of_several_pieces_and_full_buffers(lane: HotLane) -> None:
    line = written({**EVENTS[0], "CommandLine": "y" * 90_000})
    received = came(*[line] * 60, *map(written, EVENTS))
    assert check(lane, received) == 60 + len(EVENTS)


def test_it_starts_anew_when_its_tables_are_full() -> None:
    small = HotLane(places=32)
    events = [written({**EVENTS[7], "Hostname": f"h{n}", "IpAddress": f"fe80::{n:x}"}) for n in range(60)]
    assert check(small, came(*events)) == 60


@pytest.mark.parametrize("names", [("ProcessID", "ProcessId"), ("ProcessId", "ProcessID")])
@pytest.mark.parametrize("first", [7, 0, "8", "a/b", "-"])
def test_what_is_no_number_leaves_its_place_to_no_other_field(names: tuple[str, str], first: int | str, lane: HotLane) -> None:
    event = next(one for one in EVENTS if one.get("Channel") == "Windows PowerShell")
    pids = dict(zip(names, (first, "a/b"), strict=True))
    assert check(lane, came(written({**event, **pids}), written(EVENTS[0]))) == 2


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_whatever_is_changed_in_an_event_both_lanes_agree(lane: HotLane, data: st.DataObject) -> None:
    event = dict(data.draw(st.sampled_from(EVENTS)))
    for name in data.draw(st.lists(st.sampled_from(NAMES), max_size=4)):
        event[name] = data.draw(ANY)
    for name in data.draw(st.lists(st.sampled_from(sorted(event)), max_size=2)):
        event.pop(name, None)
    if isinstance(inner := event.get("winlog"), dict):
        event["winlog"] = {**inner, **data.draw(st.dictionaries(st.sampled_from(INNER), ANY, max_size=2))}
    order = data.draw(st.permutations(list(event.items())))
    check(lane, came(_text(dict(order)), written(EVENTS[0])))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(["EventType", "ProcessId", "Image", "UtcTime", "User", "Hashes", "Channel", "TargetObject", "image", "X", "é"])
        | st.text(alphabet="AaZ_: ", max_size=4),
        max_size=6,
    ),
    st.lists(st.sampled_from(["a", "-", "CORP\\ann", "é", "2020-01-01 00:00:00.5", "x: y", ""]), min_size=6, max_size=6),
    st.sampled_from(["\r\n", "\n", "\n\n", "\r", "\t"]),
    st.sampled_from([": ", ":", " : "]),
)
def test_what_only_a_message_tells_is_told_alike(lane: HotLane, names: list[str], values: list[str], between: str, mark: str) -> None:
    message = "".join(f"{name}{mark}{value}{between}" for name, value in zip(names, values, strict=False))
    event = {**SYSMON, **NXLOG, "EventID": 12, "Message": f"Registry:{between}{message}"}
    check(lane, came(written(event), written({**event, "Image": "i", "ProcessId": "7"})))


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_whatever_bytes_come_nothing_breaks_and_nothing_is_lost(lane: HotLane, data: st.DataObject) -> None:
    line = bytearray(written(data.draw(st.sampled_from(EVENTS))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(line)))
        line[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.binary(max_size=3)
            | st.sampled_from(
                [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\\u00e9", b"\\ud800", b"\xff", b"\xc3\xa9", b"null", b'"EventID":1,']
            )
        )
    check(lane, came(*bytes(line).split(b"\n"), written(EVENTS[1])))


def _text(event: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(event)
    except (msgspec.MsgspecError, OverflowError, UnicodeEncodeError):
        return json.dumps(event).encode()


def test_stored_times_and_days(lane: HotLane) -> None:
    row = hot(lane.events(came(written(EVENTS[0])), 7)[0])[0]
    assert row["_time"].isoformat() == "2020-09-20T13:53:26.001000+00:00"
    assert row["_day"].isoformat() == "2020-09-20"
    assert int(row["_received"].timestamp()) * 1_000_000 == NOW
