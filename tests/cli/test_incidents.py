"""Incidents merged and split as a person types it: said first, kept, applied again, and taken back without a trace."""

import json
from pathlib import Path

import pyarrow.parquet as pq
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
INVESTIGATE = ("investigate", "logs", "--rules", "rule.yml", "--no-own-rules", "--out", "case")


def _event(host: str, time: str, number: int) -> str:
    event = {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": host, "UtcTime": f"2025-04-{time}:00.000",
        "Image": "C:\\e.exe", "CommandLine": f"e.exe evil {number}", "User": f"CORP\\u{number}", "ProcessGuid": f"{{{number}}}",
    }  # fmt: skip
    return json.dumps(event)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "logs").mkdir()
    lines = [_event("ws1", "01 10:00", 1), _event("ws1", "01 10:01", 2), _event("ws2", "05 10:00", 3)]
    (tmp_path / "logs" / "ws.json").write_text("\n".join(lines), "utf-8")
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    return tmp_path


def _says(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def _found(place: Path) -> dict[str, tuple[str, ...]]:
    incidents = json.loads((place / "case" / "incidents.json").read_text("utf-8"))["incidents"]
    return {one["id"]: tuple(sorted(fold["id"] for fold in one["folds"])) for one in incidents}


def test_a_merge_is_said_first_then_kept_applied_again_and_taken_back(place: Path) -> None:
    _says(*INVESTIGATE)
    before, listed = _found(place), _says("incidents")
    one, other = before
    wanted = ("incidents", "merge", one[:8], other[:8], "--why", "one attacker", "--by", "ann")
    told = _says(*wanted, "--what-if")
    assert "then not there" in told
    assert _says("incidents") == listed
    assert "kept" in _says(*wanted)
    assert f"{other[:12]} is merged into {one[:12]} by ann: one attacker" in _says("incidents")
    assert "0 incidents" in _says("feedback", other, "benign", "--why", "w", code=2)
    _says(*INVESTIGATE)
    assert list(_found(place)) == [one]
    assert set(pq.read_table(place / "case" / "signals.parquet").column("incident").to_pylist()) - {None} == {one}
    assert "one attacker" in (place / "case" / "report.html").read_text("utf-8")
    _says("incidents", "unmerge", one[:8])
    assert _says("incidents") == listed
    _says(*INVESTIGATE)
    assert _found(place) == before


def test_a_host_is_split_off_judged_by_its_signals_and_joined_again(place: Path) -> None:
    _says(*INVESTIGATE)
    one, other = _found(place)
    _says("incidents", "merge", one, other, "--why", "w")
    merged = _says("incidents")
    told = _says("incidents", "split", one, "--host", "WS2", "--why", "another machine", "--by", "bob")
    made = told.splitlines()[1].split(":")[0]
    listed = _says("incidents")
    assert f"{made} is split off {one[:12]} by bob: another machine" in listed
    assert "undetermined" in next(line for line in listed.splitlines() if line.startswith(made))
    assert "kept: incident" in _says("feedback", made, "benign", "--why", "w")
    _says("feedback", made, "undetermined", "--why", "w")
    _says("incidents", "unsplit", made)
    assert [line.split("  ")[0] for line in _says("incidents").splitlines()] == [line.split("  ")[0] for line in merged.splitlines()]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("merge", "nonesuch", "nonesuch", "--why", "w"), "0 incidents begin with 'nonesuch'"),
        (("merge", "{one}", "{one}", "--why", "w"), "are the same incident"),
        (("merge", "{one}", "{other}", "--why", " "), "say why"),
        (("split", "{one}", "--host", "nowhere", "--why", "w"), "0 of "),
        (("split", "{one}", "--fold", "nonesuch", "--why", "w"), "has no fold 'nonesuch'"),
        (("unmerge", "{one}"), "no merge of an incident"),
        (("unsplit", "{one}"), "no split of an incident"),
    ],
)
def test_what_cannot_be_done_is_one_plain_line(place: Path, words: tuple[str, ...], message: str) -> None:
    _says(*INVESTIGATE)
    one, other = _found(place)
    assert message in _says("incidents", *(word.format(one=one, other=other) for word in words), code=2)
