"""What a sender handed over becomes events: every format, also mixed, none lost."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.arrival import SlowLane
from watchkeeper.model.batch import Batch
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender
from watchkeeper.model.sourceread import SourceRead

NOW = int(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()) * 1_000_000
SENDER = Sender(id="0123456789abcdef" * 2, tenant="default", name="edge")
SYSMON = (
    b'{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"PC7.corp.lan","Image":"C:\\\\a.exe",'
    b'"UtcTime":"2020-09-01 10:00:00.123"}'
)
FAILED = b"Failed password for root from 203.0.113.9 port 4711 ssh2"
SYSLOG = b"<34>Dec 31 22:14:15 web1 sshd[33]: " + FAILED
WINLOGBEAT = (
    b'{"@timestamp":"2021-02-03T04:05:06.789Z","host":{"name":"dc1"},"event":{"code":"4624"},'
    b'"winlog":{"channel":"Security","event_id":"4624","computer_name":"DC1.corp.lan","event_data":{"TargetUserName":"ann"}}}'
)


def came(body: bytes, sender: Sender = SENDER, ids: tuple[str, ...] = ()) -> Received:
    return Received(sender, "ndjson", "127.0.0.1", NOW, body, body.count(b"\n"), ids)


def read(received: Received, lane: SlowLane | None = None) -> tuple[list[dict[str, Any]], dict[str, SourceRead]]:
    found = list((lane or SlowLane()).events(received, 7))
    rows = [{**row, "_service": one.logsource.service} for one in found if isinstance(one, Batch) for row in one.table.to_pylist()]
    return sorted(rows, key=lambda row: row["_row"]), {one.reader: one for one in found if isinstance(one, SourceRead)}


def lines(*some: bytes) -> bytes:
    return b"".join(line + b"\n" for line in some)


def test_formats_may_be_mixed_and_every_event_keeps_the_place_of_its_record() -> None:
    rows, accounts = read(came(lines(SYSMON, SYSLOG, b"nobody knows this", WINLOGBEAT, b'{"a":', b"", b"\xff\x00")))
    assert [(row["_row"], row["_service"].partition("-")[0]) for row in rows] == [
        (0, "Microsoft"), (1, "sshd"), (2, "lines"), (3, "Security"), (4, "lines"), (6, "lines"),
    ]  # fmt: skip
    assert {name: one.events for name, one in accounts.items()} == {"json_records": 2, "text": 1, "unknown": 3}
    assert [row["_host"] for row in rows[:4]] == ["pc7", "web1", "", "dc1"]
    assert {row["_source"] for row in rows} == {"edge"}


def test_ids_follow_from_sender_number_and_place_or_from_the_senders_own() -> None:
    rows, _ = read(came(lines(SYSMON, SYSMON, SYSMON), ids=("", "own", "own")))
    assert rows[0]["_id"] == "01234567" + "0000000000000007" + "00000000"
    assert rows[1]["_id"][:8] == "01234567"
    assert len(rows[1]["_id"]) == 32
    assert rows[1]["_id"] == rows[2]["_id"] != rows[0]["_id"]


def test_a_year_that_is_not_written_is_that_of_the_time_it_came() -> None:
    rows, _ = read(came(lines(SYSLOG)))
    assert rows[0]["_time"] == datetime(2025, 12, 31, 22, 14, 15, tzinfo=UTC)
    assert "year_assumed" not in rows[0]


@pytest.mark.parametrize(
    "envelope",
    [
        {"event": "@", "host": "zz", "time": 1_600_000_000.5},
        {"message": "@", "host": {"name": "zz"}},
        {"log": "@", "stream": "stdout"},
        {"body": {"stringValue": "@"}},
        {"event": {"original": "@"}},
    ],
)
def test_a_line_in_an_envelope_is_read_as_itself(envelope: dict[str, Any]) -> None:
    body = msgspec.json.encode(envelope).replace(b"@", SYSLOG)
    rows, accounts = read(came(lines(body)))
    assert [(row["_service"], row["user"], row["_host"]) for row in rows] == [("sshd", "root", "web1")]
    assert rows[0]["_raw"] == body.decode()
    assert list(accounts) == ["text"]


def test_what_nobody_knows_has_the_time_and_host_that_stand_beside_it() -> None:
    rows, _ = read(came(lines(b'{"event":"what is this","host":"zz","time":1600000000}')))
    assert rows[0]["_host"] == "zz"
    assert rows[0]["_time"] == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)


def test_a_record_that_lists_events_gives_each_an_id_of_its_own() -> None:
    event = b'{"eventVersion":"1.08","eventTime":"2020-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject"}'
    rows, _ = read(came(lines(SYSMON, b'{"Records":[' + event + b"," + event + b"]}")))
    assert [row["_row"] for row in rows] == [0, 1, 1]
    assert len({row["_id"] for row in rows}) == 3


def test_lines_that_go_on_with_an_event_are_in_it() -> None:
    rows, accounts = read(came(lines(SYSLOG, b"   at java.lang.Thread.run", SYSLOG)))
    assert [row["_row"] for row in rows] == [0, 2]
    assert "java.lang" in rows[0]["_raw"]
    assert list(accounts) == ["text"]


def test_a_header_serves_the_lines_beneath_it() -> None:
    zeek = lines(
        b"#separator \\x09", b"#fields\tts\tuid\tid.orig_h", b"#path\tconn", b"#types\ttime\tstring\taddr", b"1600000000.0\tC1\t10.0.0.1",
    )  # fmt: skip
    rows, accounts = read(came(zeek))
    assert [(row["_row"], row["id.orig_h"]) for row in rows] == [(4, "10.0.0.1")]
    assert list(accounts) == ["zeek_tsv"]


def test_a_senders_own_reader_is_asked_and_what_it_does_not_know_is_kept() -> None:
    pinned = SENDER.model_copy(update={"reader": "text"})
    rows, accounts = read(came(lines(b"unknown", SYSLOG), pinned))
    assert {name: one.events for name, one in accounts.items()} == {"text": 1, "unknown": 1}
    assert [row["_row"] for row in rows] == [0, 1]


def test_a_reader_that_is_not_there_is_said_and_content_decides() -> None:
    rows, accounts = read(came(lines(SYSLOG), SENDER.model_copy(update={"reader": "../x"})))
    assert rows[0]["_service"] == "sshd"
    assert "'../x'" in accounts["unknown"].error


@given(
    st.lists(
        st.binary(max_size=40).map(lambda one: one.replace(b"\n", b" ")) | st.sampled_from([SYSMON, SYSLOG, WINLOGBEAT, b"[1]", b"{}"]),
        max_size=8,
    )
)
def test_no_record_is_lost_whatever_it_is(some: list[bytes]) -> None:
    rows, accounts = read(came(lines(*some)))
    assert sum(one.events for one in accounts.values()) == len(rows)
    assert len({row["_id"] for row in rows}) == len(rows)
    held = "\n".join(row["_raw"] for row in rows)
    for line in some:
        if line in (SYSMON, SYSLOG, WINLOGBEAT, b"{}", b"[1]"):
            assert line.decode() in held
