"""What a person closed comes back when a rule changes, is right elsewhere, or intelligence learns of it; else it stays closed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchkeeper.cli import app

RULE = """
title: Tool runs
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a33
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {CommandLine|contains: tool}
  condition: selection
level: high
"""
HASH = "ab" * 32
INVESTIGATE = ("investigate", "logs", "--rules", "rule.yml", "--no-own-rules", "--out", "case")


def _event(host: str, day: int, sha256: str) -> str:
    event = {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": host, "UtcTime": f"2025-04-{day:02d} 10:00:00.000",
        "Image": "C:\\t.exe", "CommandLine": "tool.exe run", "User": f"CORP\\u{day}", "Hashes": f"SHA256={sha256}",
    }  # fmt: skip
    return json.dumps(event)


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two incidents, the first of which a person closed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "ws.json").write_text("\n".join([_event("ws1", 1, HASH), _event("ws2", 9, "cd" * 32)]), "utf-8")
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    _says(*INVESTIGATE)
    incidents = json.loads((tmp_path / "case" / "incidents.json").read_text("utf-8"))["incidents"]
    of = {host: one["id"] for one in incidents for host in one["hosts"]}
    assert len(incidents) == 2
    assert "to be looked at again" not in _says("feedback", of["ws1"], "benign", "--why", "our tool", "--by", "ann")
    return of["ws1"], of["ws2"]


def _says(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def test_what_stands_on_the_same_stays_closed(closed: tuple[str, str]) -> None:
    assert "to be looked at again" not in _says(*INVESTIGATE)
    assert "re-opened" not in _says("incidents")


def test_a_rule_that_changed_and_still_fires_there_brings_it_back(closed: tuple[str, str]) -> None:
    Path("rule.yml").write_text(RULE.replace("contains: tool", "contains: tool.exe").replace("Tool runs", "Another title"), "utf-8")
    assert "1 that people closed are to be looked at again" in _says(*INVESTIGATE)
    assert f"re-opened: incident {closed[0][:12]}, called benign by ann: rule 0b0a5f2e" in _says("incidents")
    assert "to be looked at again" not in _says("feedback", closed[0], "benign", "--why", "still our tool")
    assert "re-opened" not in _says("incidents")


@pytest.mark.parametrize("changed", [RULE.replace("contains: tool", "contains: nothing"), RULE.replace("Tool runs", "Another title")])
def test_a_rule_that_no_longer_fires_there_or_asks_for_the_same_does_not(closed: tuple[str, str], changed: str) -> None:
    Path("rule.yml").write_text(changed, "utf-8")
    assert "to be looked at again" not in _says(*INVESTIGATE)
    assert "re-opened" not in _says("incidents")


def test_a_rule_that_was_right_elsewhere_brings_it_back_until_that_is_taken_back(closed: tuple[str, str]) -> None:
    assert "1 that people closed" in _says("feedback", closed[1], "succeeded", "--why", "seen")
    assert "was right elsewhere since" in _says("incidents")
    assert "to be looked at again" not in _says("feedback", closed[1], "undetermined", "--why", "not so sure")


def test_what_intelligence_comes_to_know_there_brings_it_back_and_nothing_else_does(closed: tuple[str, str]) -> None:
    Path("other.txt").write_text("ef" * 32 + "\n" + "cd" * 32 + "\n", "utf-8")
    assert "to be looked at again" not in _says("intel", "import", "other.txt")
    Path("known.txt").write_text(HASH + "\n", "utf-8")
    assert "1 that people closed" in _says("intel", "import", "known.txt")
    listed = _says("incidents")
    assert f"intelligence came to know hash {HASH}" in listed
    assert listed.count("re-opened") == 1
