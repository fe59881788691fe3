"""Rules run over the events that a case keeps, and only what it does not know yet comes out."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from watchkeeper.autopilot import Options, investigate
from watchkeeper.autopilot.replay import replay
from watchkeeper.detection import load_rules
from watchkeeper.model.signal import SIGNAL_SCHEMA

RULE = """
title: {title}
id: {id}
status: test
logsource: {{product: windows, category: process_creation}}
detection:
  selection: {{CommandLine|contains: '{asked}'}}
  condition: selection
level: high
tags: [attack.execution, attack.t1059]
---
title: Many of {title}
correlation: {{type: event_count, rules: [{id}], group-by: [User], timespan: 1d, condition: {{gte: 3}}, generate: true}}
level: medium
"""
OLD, NEW = "6f1b0c1e-77a3-4a4c-9d57-6f4f4a1c1a01", "6f1b0c1e-77a3-4a4c-9d57-6f4f4a1c1a02"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "old.yml").write_text(RULE.format(title="Old", id=OLD, asked=" 1"), "utf-8")
    (tmp_path / "new.yml").write_text(RULE.format(title="New", id=NEW, asked=" 2"), "utf-8")
    events = [
        {
            "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "ws1",
            "UtcTime": f"2025-04-01 10:{number:02d}:00.000",
            "Image": "C:\\cmd.exe", "CommandLine": f"cmd {number}", "User": "ann",
        }
        for number in range(30)
    ]  # fmt: skip
    (tmp_path / "logs.json").write_text("\n".join(map(json.dumps, events)), "utf-8")
    options = Options(paths=(tmp_path / "logs.json",), rules=(tmp_path / "old.yml",), own_rules=False)
    investigate(options, tmp_path / "case", "en", keep="all")
    return tmp_path


def test_new_rules_give_their_signals_and_old_ones_none(place: Path) -> None:
    done = replay(place / "case", load_rules([place / "old.yml", place / "new.yml"]))
    assert done.signals.schema.names == SIGNAL_SCHEMA.names
    titles = done.signals.column("title").to_pylist()
    assert (titles.count("New"), titles.count("Many of New"), len(titles)) == (11, 1, 12)
    assert (done.known, done.events, done.read) == (12, 30, 30)
    assert done.signals.column("time").to_pylist() == sorted(done.signals.column("time").to_pylist())


def test_only_the_rules_that_are_meant_speak_though_all_of_them_run(place: Path) -> None:
    ruleset = load_rules([place / "new.yml"])
    many = ruleset.correlations[0].id
    done = replay(place / "case", ruleset, frozenset({many}))
    assert done.signals.column("rule").to_pylist() == [many]


def test_a_replay_finds_what_a_whole_run_would_have_found(place: Path) -> None:
    options = Options(paths=(place / "logs.json",), rules=(place / "new.yml",), own_rules=False)
    investigate(options, place / "other", "en")
    ids = set(pq.read_table(place / "other" / "signals.parquet").column("id").to_pylist())
    assert set(replay(place / "case", load_rules([place / "new.yml"])).signals.column("id").to_pylist()) == ids


def test_what_is_no_case_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no case"):
        replay(tmp_path, load_rules([]))


def test_a_case_that_keeps_nothing_is_said(place: Path) -> None:
    for part in (place / "case" / "events").iterdir():
        part.unlink()
    with pytest.raises(FileNotFoundError, match="no kept events"):
        replay(place / "case", load_rules([]))


@pytest.mark.parametrize("name", ["signals.parquet", "events/part-00000.parquet"])
@pytest.mark.parametrize("content", [b"", b"PAR1", b"\0" * 5000])
def test_a_damaged_case_is_said(place: Path, name: str, content: bytes) -> None:
    (place / "case" / name).write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        replay(place / "case", load_rules([place / "new.yml"]))


def test_a_case_that_does_not_say_how_much_was_read_is_replayed_all_the_same(place: Path) -> None:
    (place / "case" / "incidents.json").write_bytes(b"[")
    assert replay(place / "case", load_rules([place / "new.yml"])).read is None
