"""What is looked out for, as a person types it: added by hand, listed in both languages, seen again, taken off, ended by closing."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchkeeper.cli import app

RULE = """
title: Evil runs
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a55
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {CommandLine|contains: evil}
  condition: selection
level: high
"""
RULES = ("--rules", "rule.yml", "--no-own-rules")


def _logs(folder: Path, host: str, day: str, command: str, name: str = "") -> None:
    folder.mkdir()
    common = {
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Hostname": host,
        "UtcTime": f"2025-04-{day} 10:00:00.000",
        "User": "CORP\\u",
    }
    started = {**common, "EventID": 1, "Image": "C:\\e.exe", "CommandLine": command, "ProcessGuid": f"{{{host}}}"}
    asked = {**common, "EventID": 22, "Image": "C:\\e.exe", "ProcessGuid": f"{{{host}}}", "QueryName": name, "QueryResults": "203.0.113.9;"}
    (folder / "log.json").write_text("\n".join(json.dumps(one) for one in ([started, asked] if name else [started])), "utf-8")


@pytest.fixture
def incident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The beginning of an incident's id; an earlier case had asked for a name and is in the same state folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "250")
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    _logs(tmp_path / "old", "ws3", "01", "quiet", "a.evil.example")
    _logs(tmp_path / "logs", "ws1", "02", "evil")
    _logs(tmp_path / "new", "ws2", "09", "quiet", "b.evil.example")
    _says("investigate", "old", *RULES, "--out", "old-case")
    _says("investigate", "logs", *RULES, "--out", "case")
    (one,) = json.loads((tmp_path / "case" / "incidents.json").read_text("utf-8"))["incidents"]
    return str(one["id"])[:12]


def _says(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def _add(incident: str) -> str:
    return _says("watch", "add", "domain", "evil[.]example", "--incident", incident, "--why", "abuse desk", "--by", "ann")


def test_what_is_added_is_looked_for_at_once_and_reopens_its_incident_when_it_comes(incident: str, tmp_path: Path) -> None:
    assert " open " in _says("incidents")
    said = _add(incident)
    assert "seen since 2025-04-01 10:00:00 on ws3" in said
    assert "old-case" in said
    again = _says("detect", "new", *RULES, "--state", "state", "--format", "jsonl")
    assert "Followed: domain evil.example (since" in again
    assert f"re-opened: incident {incident}" in again
    said = _says("investigate", "new", *RULES, "--out", "new-case", "--lang", "zh")
    assert "1 incident" in said
    report = re.sub(r"<[^>]+>", "", (tmp_path / "new-case" / "report.html").read_text("utf-8"))
    assert "由 ann 添加：abuse desk" in report
    assert incident in report
    listed = _says("incidents")
    assert "re-opened 20" in listed
    assert listed.count(f"re-opened: incident {incident}") == 1, "detect and investigate of the same evidence are one case"


def test_the_list_says_why_in_both_languages_and_what_is_taken_off_is_kept_with_who(incident: str) -> None:
    _add(incident)
    listed = _says("watch", "list")
    assert "ann added it: abuse desk" in listed
    assert "由 ann 添加：abuse desk" in _says("watch", "list", "--lang", "zh")
    (name,) = [line.split()[0] for line in listed.splitlines() if "evil.example" in line]
    assert "nothing is looked out for" in _says("watch", "list", "--incident", "ffff")
    assert "no longer looked out for" in _says("watch", "remove", name, "--why", "ours", "--by", "bob")
    assert "evil.example" not in _says("watch", "list")
    assert "bob: ours" in _says("watch", "list", "--all")
    assert "Followed" not in _says("detect", "new", *RULES, "--state", "state")


def test_closing_ends_it_and_says_how_many(incident: str) -> None:
    _add(incident)
    assert re.search(r"closed: incident \w+; [1-9]\d* things", _says("incidents", "close", incident, "--why", "dealt with", "--by", "ann"))
    assert "Followed" not in _says("detect", "new", *RULES, "--state", "state")
    listed = _says("incidents")
    assert " closed " in listed
    assert "by ann" in listed
    assert "looked out for again" in _says("incidents", "reopen", incident, "--why", "too early")
    assert "Followed" in _says("detect", "new", *RULES, "--state", "state")


def test_what_cannot_be_looked_out_for_is_refused_plainly(incident: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = _says("watch", "add", "address", "nowhere", "--incident", incident, "--why", "x", code=2)
    assert "'nowhere' is no address" in refused
    assert "0 incidents begin" in _says("watch", "add", "user", "eva", "--incident", "nope", "--why", "x", code=2)
    monkeypatch.setenv("WATCHKEEPER_WATCH_DAYS", "many")
    assert "is no number of days" in _says("watch", "list", code=2)
