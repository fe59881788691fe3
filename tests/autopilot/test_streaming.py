"""What a worker does with lines, whichever lane they take."""

import json
from pathlib import Path

import pyarrow as pa

from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.streaming import Stream, Taken
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender

_SENDER = Sender(id="ab" * 16, tenant="acme", name="edge")


def _line(**fields: object) -> bytes:
    event = {
        "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 3, "Hostname": "WS1.corp.example",
        "SourceName": "Microsoft-Windows-Sysmon", "@timestamp": "2026-11-26T10:00:00.000Z",
        "Image": "C:\\Windows\\System32\\svchost.exe", "User": "CORP\\jane",
    }  # fmt: skip
    return json.dumps({**event, **fields}).encode() + b"\n"


def _taken(stream: Stream, *lines: bytes) -> Taken:
    taken = Taken()
    stream.take(Received(_SENDER, "bulk", "", 1_795_000_000_000_000, b"".join(lines), len(lines)), 7, taken)
    stream.settle(taken)
    return taken


def _signals(taken: Taken) -> list[dict[str, object]]:
    return [row for table in taken.signals.get("acme", ()) for row in table.to_pylist()]


def test_what_intelligence_knows_is_found_in_events_that_no_rule_looks_at(tmp_path: Path) -> None:
    watchlists = tmp_path / "watchlists.yml"
    watchlists.write_text("watchlists:\n  - {name: suspects, reason: seen elsewhere, addresses: [198.51.100.7]}\n")
    stream = Stream(Options(paths=(), watchlists=watchlists, own_rules=False))
    taken = _taken(stream, _line(DestinationIp="203.0.113.9"), _line(DestinationIp="198.51.100.7"), _line(DestinationIp="203.0.113.9"))
    assert taken.rows == 3
    assert [(row["detector"], row["row"], row["host"]) for row in _signals(taken)] == [("intel", 1, "ws1")]


def test_an_answer_of_the_name_service_is_compared_though_it_is_not_stored(tmp_path: Path) -> None:
    watchlists = tmp_path / "watchlists.yml"
    watchlists.write_text("watchlists:\n  - {name: suspects, reason: seen elsewhere, addresses: [198.51.100.7]}\n")
    stream = Stream(Options(paths=(), watchlists=watchlists, own_rules=False))
    asked = _line(EventID=22, QueryName="www.example.net", QueryResults="::ffff:198.51.100.7;")
    assert [row["row"] for row in _signals(_taken(stream, _line(), asked))] == [1]


def test_lines_of_both_lanes_are_stored_once_each_under_their_places(tmp_path: Path) -> None:
    stream = Stream(Options(paths=()))
    taken = _taken(stream, _line(DestinationIp="203.0.113.9"), b"Nov 26 10:00:00 ws1 sshd[7]: Connection closed\n", _line(), b"??\n")
    events = pa.concat_tables(taken.events)
    assert sorted(events.column("_row").to_pylist()) == [0, 1, 2, 3]
    assert set(events.column("_tenant").to_pylist()) == {"acme"}
    assert len(set(events.column("_id").to_pylist())) == 4
    assert taken.unread["bulk"] == 1
