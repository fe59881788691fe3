import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from watchkeeper.cyberrange.journal import Journal, Mark
from watchkeeper.cyberrange.windows import SECURITY, SYSMON


def _journal() -> Journal:
    return Journal(datetime(2025, 3, 4, 7, tzinfo=UTC), 3600, "corp.example")


def test_records_are_written_in_time_order_and_those_outside_the_day_not_at_all(tmp_path: Path) -> None:
    journal = _journal()
    for when in (50.0, -1.0, 10.0, 3600.0, 20.5):
        journal.windows("PC1", when, (SYSMON, 5), {"Image": str(when)})
    journal.write(tmp_path, Random(1))
    lines = [json.loads(line) for line in (tmp_path / "evidence/windows/pc1.ndjson").read_bytes().splitlines()]
    assert [line["Image"] for line in lines] == ["10.0", "20.5", "50.0"]
    assert lines[1]["@timestamp"] == "2025-03-04T07:00:20.500Z"
    assert lines[1]["UtcTime"] == "2025-03-04 07:00:20.500"
    assert lines[1]["Hostname"] == "PC1.corp.example"


def test_only_what_happens_while_the_attacker_acts_is_in_the_truth(tmp_path: Path) -> None:
    journal = _journal()
    journal.windows("PC1", 30, (SECURITY, 4624), {})
    with journal.marked(Mark("discovery", "T1033", "pc1")):
        journal.windows("PC1", 20, (SECURITY, 4625), {})
        journal.zeek("conn", 25, {"uid": "C1"})
    journal.windows("PC1", 10, (SECURITY, 4634), {})
    journal.write(tmp_path, Random(1))
    truth = [json.loads(line) for line in (tmp_path / "truth/attack_events.jsonl").read_text("utf-8").splitlines()]
    assert [(line["file"], line["row"], line["technique"], line["host"]) for line in truth] == [
        ("windows/pc1.ndjson", 1, "T1033", "pc1"),
        ("zeek/conn.log", 0, "T1033", "pc1"),
    ]
    assert journal.mark is None
