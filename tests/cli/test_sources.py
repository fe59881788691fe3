"""`watchkeeper sources`, and a person's own sources in the commands that read evidence."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchkeeper.cli import app

LINES = [f"2026-03-02 10:{at % 60:02}:00 [keeper] user u{at} opened it from 203.0.113.{at % 200}" for at in range(1_300)]
RULE = """
title: A door was opened
id: 3c0c5a0e-52cb-4f0b-9c43-9d1c4f5d7b11
status: test
logsource: {product: doors}
detection:
  selection: {user: u7}
  condition: selection
level: high
"""
REFERENCE = ("--engine", "reference")


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "doors.log").write_text("\n".join(LINES))
    (tmp_path / "rule.yml").write_text(RULE)
    return tmp_path


def _made(runner: CliRunner, place: Path) -> Path:
    out = place / "own" / "doors.yml"
    result = runner.invoke(app, ["sources", "suggest", str(place / "evidence"), "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


def test_a_suggestion_is_checked_and_then_used_by_every_command(runner: CliRunner, place: Path) -> None:
    out = _made(runner, place)
    checked = runner.invoke(app, ["sources", "check", str(out), str(place / "evidence" / "doors.log")])
    assert checked.exit_code == 0, checked.output
    assert "a grammar that can be used; its events are of doors" in checked.stdout
    assert "1,300 of 1,300 records of the sample read (100.0%), 1,300 with a time" in checked.stdout
    assert "203.0.113.0 | 203.0.113.1" in checked.stdout
    for workers in ("1", "2"):
        words = ["detect", str(place / "evidence"), "--no-own-rules", *REFERENCE, "--rules", str(place / "rule.yml"), "--format", "jsonl"]
        found = runner.invoke(app, [*words, "--sources", str(out), "--workers", workers])
        assert [json.loads(line)["time"][:16] for line in found.stdout.splitlines() if line.startswith("{")] == ["2026-03-02T10:07"], (
            found.output
        )
    reached = runner.invoke(
        app, ["rules", "reach", str(place / "evidence"), "--no-own-rules", "--rules", str(place / "rule.yml"), "--sources", str(out)]
    )
    assert "1 of 1 rules can fire" in reached.stdout
    log = str(place / "evidence" / "doors.log")
    explained = runner.invoke(app, ["rules", "explain", str(place / "rule.yml"), log, "--sources", str(out)])
    assert "fires: it reads product doors" in explained.stdout, explained.output
    shown = runner.invoke(app, ["show", log, "--view", "native", "--limit", "1", "--sources", str(out)])
    assert json.loads(shown.stdout)["_product"] == "doors"


def test_sources_in_the_state_folder_are_used_without_being_named(runner: CliRunner, place: Path) -> None:
    made = _made(runner, place)
    kept = place / "state" / "sources"
    kept.mkdir(parents=True)
    made.rename(kept / made.name)
    case = runner.invoke(app, ["investigate", str(place / "evidence"), "--out", str(place / "case"), "--no-own-rules", *REFERENCE])
    assert case.exit_code == 0, case.output
    (account,) = json.loads((place / "case" / "incidents.json").read_text())["sources"]
    assert (account["reader"], account["events"]) == ("text", 1_300)
    assert "1 sources of your own in" in runner.invoke(app, ["doctor"]).stdout
    listed = runner.invoke(app, ["sources", "list"]).stdout
    assert listed.splitlines()[1].split()[:3] == ["doors", "your", "grammar"]
    assert {"sshd", "okta", "evtx", "text"} <= {line.split()[0] for line in listed.splitlines()}
    (kept / "doors.yml").write_text("name: doors")
    assert "BAD  your own sources: source grammar 'doors.yml', line 1:" in runner.invoke(app, ["doctor"]).stdout


def test_a_person_is_told_what_no_reader_knew_and_what_to_do(runner: CliRunner, place: Path) -> None:
    said = "no reader knows 1 file (1,300 records, 1,003 kept as they are): evidence/doors.log"
    found = runner.invoke(app, ["detect", str(place / "evidence"), "--no-own-rules", *REFERENCE])
    assert said in found.output
    assert "watchkeeper sources suggest" in found.output
    case = runner.invoke(app, ["investigate", str(place / "evidence"), "--out", str(place / "case"), "--no-own-rules", *REFERENCE])
    assert said in " ".join(case.output.split())
    for name in ("report.md", "report.html"):
        written = re.sub("<[^>]+>", "", (place / "case" / name).read_text())
        assert "of their 1,300 records 1,003 are kept as they are" in written
    assert f"in the last case, {said}" in runner.invoke(app, ["doctor"]).stdout


def test_a_mistake_in_a_source_stops_the_command(runner: CliRunner, place: Path) -> None:
    wrong = place / "wrong.yml"
    wrong.write_text("name: wrong\nproduct: p\nabuot: x\n")
    for words in (["sources", "check", str(wrong)], ["detect", str(place / "evidence"), "--sources", str(wrong)]):
        result = runner.invoke(app, words)
        assert result.exit_code == 2
        assert "source grammar 'wrong.yml', line 3: 'abuot' is not a key of a source grammar; did you mean 'about'?" in result.output
    assert runner.invoke(app, ["detect", str(place / "evidence"), "--sources", str(place / "absent.yml")]).exit_code == 2


def test_suggestions_are_written_to_a_folder_and_never_over_a_file(runner: CliRunner, place: Path) -> None:
    (place / "evidence" / "badges.json").write_text("\n".join(f'{{"badge": "B{at}", "reader": "north"}}' for at in range(9)))
    both = runner.invoke(app, ["sources", "suggest", str(place / "evidence"), "--out", str(place / "one.yml")])
    assert both.exit_code == 2
    assert "2 sources are proposed" in both.output
    out = place / "own"
    assert runner.invoke(app, ["sources", "suggest", str(place / "evidence"), "--out", str(out)]).exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["badges.yml", "doors.yml"]
    again = runner.invoke(app, ["sources", "suggest", str(place / "evidence"), "--out", str(out)])
    assert again.exit_code == 2
    assert "is there already" in again.output
    assert runner.invoke(app, ["sources", "suggest", str(place / "evidence"), "--sources", str(out)]).exit_code == 1


def test_a_sample_of_which_nothing_is_read_is_said(runner: CliRunner, place: Path) -> None:
    out = _made(runner, place)
    other = place / "other.log"
    other.write_text("something else\n")
    result = runner.invoke(app, ["sources", "check", str(out), str(other)])
    assert result.exit_code == 1
    assert "0 of 1 records" in result.stdout
