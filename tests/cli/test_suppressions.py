"""Suppressions as a person types them: what they would hide is said before anything is kept."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchkeeper.cli import app

RULE = """
title: Backup tool runs
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a77
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {CommandLine|contains: backup}
  condition: selection
level: high
"""
EVENT = {
    "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "srv1", "UtcTime": "2025-04-01 10:00:00.000",
    "Image": "C:\\b.exe", "CommandLine": "b.exe backup", "User": "CORP\\ann", "ProcessGuid": "{1}", "ProcessId": "1",
}  # fmt: skip


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "ws.json").write_text(json.dumps(EVENT), "utf-8")
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    return tmp_path


def _says(runner: CliRunner, *words: str, code: int = 0) -> str:
    result = runner.invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_what_it_would_hide_is_said_first_then_it_is_kept_listed_used_and_ended(runner: CliRunner, place: Path) -> None:
    run = ("investigate", "logs", "--rules", "rule.yml", "--no-own-rules", "--out", "case")
    assert "1 incident" in _says(runner, *run)
    wanted = ("suppressions", "add", "--rule", "backup tool runs", "--where", "host=srv1", "--owner", "ann", "--why", "nightly job")
    told = _says(runner, *wanted, "--what-if")
    assert "1 of 1 signals would have been worth nothing" in told
    assert "would not have been an incident" in told
    assert "nothing is suppressed" in _says(runner, "suppressions", "list")
    assert "kept until" in _says(runner, *wanted)
    listed = _says(runner, "suppressions", "list")
    assert "host=srv1" in listed
    said = _says(runner, *run)
    assert "1 signals are suppressed by 1 suppressions" in said
    assert "0 incidents" in said
    assert "ended: suppression" in _says(runner, "suppressions", "end", listed.splitlines()[1].split()[0])
    assert "1 incident" in _says(runner, *run)


def test_what_people_judged_an_attack_cannot_be_suppressed(runner: CliRunner, place: Path) -> None:
    _says(runner, "investigate", "logs", "--rules", "rule.yml", "--no-own-rules", "--out", "case")
    incident = json.loads((place / "case" / "incidents.json").read_text("utf-8"))["incidents"][0]["id"]
    _says(runner, "feedback", incident, "succeeded", "--why", "seen")
    wanted = ("suppressions", "add", "--rule", "backup tool runs", "--owner", "ann", "--why", "w")
    assert "judged it right before" in _says(runner, *wanted, code=2)
    assert "judged an attack" in _says(runner, *wanted, "--where", "host=srv*", code=2)
    assert "nothing is suppressed" in _says(runner, "suppressions", "list")


def test_what_cannot_be_used_is_one_plain_line(runner: CliRunner, place: Path) -> None:
    assert "is no condition" in _says(runner, "suppressions", "add", "--where", "host", "--owner", "a", "--why", "w", code=2)
    assert "0 suppressions in force" in _says(runner, "suppressions", "end", "nonesuch", code=2)
