"""The commands about rules as a person types them: what they say, and with which exit code."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from watchkeeper.cli import app

RULE = """title: Shell from Office
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a11
name: office_shell
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {ParentImage|endswith: '\\winword.exe', Image|endswith: ['\\cmd.exe', '\\powershell.exe']}
  filter_ours: {CommandLine|contains: backup}
  condition: selection and not filter_ours
level: high
tags: [attack.execution, attack.t1059]
"""
SECOND = RULE.replace("6a11", "6a12").replace("Shell from Office", "Notepad from Office").replace("office_shell", "office_notepad")
SECOND = SECOND.replace("'\\cmd.exe', '\\powershell.exe'", "'\\notepad.exe'")
HOSTILE = "\x1b[2J\u202e[/red]evil"


def _event(number: int, image: str, **more: str) -> str:
    event = {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "WS1.corp.example",
        "UtcTime": f"2025-04-01 10:{number:02d}:00.000",
        "Image": f"C:\\{image}", "ParentImage": "C:\\winword.exe", "CommandLine": f"{image} /c {number}", "User": "CORP\\ann",
    }  # fmt: skip
    return json.dumps(event | more)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHKEEPER_RULES", str(tmp_path / "installed-rules"))
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    (tmp_path / "broken.yml").write_text(RULE.replace("endswith", "endwith"), "utf-8")
    images = ["notepad.exe", "cmd.exe", "cmd.exe"]
    lines = [_event(number, image, **({"CommandLine": "backup"} if number == 1 else {})) for number, image in enumerate(images)]
    (tmp_path / "events.json").write_text("\n".join(lines) + "\nnot json\n", "utf-8")
    _zip(tmp_path / "one.zip", RULE)
    _zip(tmp_path / "two.zip", RULE, SECOND)
    return tmp_path


def _zip(path: Path, *rules: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number, rule in enumerate(rules):
            archive.writestr(f"rules/{number}.yml", rule)


def _run(*words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, ["rules", *words], input=text)


def test_check_of_good_rules_says_so(place: Path) -> None:
    result = _run("check", "rule.yml")
    assert (result.exit_code, result.stdout) == (0, "1 rules looked at, 1 run: 0 errors, 0 warnings, 0 notes\n")


def test_check_says_file_line_what_and_what_to_do(place: Path) -> None:
    result = _run("check", "broken.yml", "rule.yml")
    assert result.exit_code == 1
    first = result.stdout.splitlines()[0]
    assert first.startswith("broken.yml:7: error: 'endwith' is not a modifier; did you mean 'endswith'?")
    assert "does not run" in first
    told = json.loads(_run("check", "broken.yml", "--format", "json").stdout)
    assert (told["counts"]["error"], told["run"], told["findings"][0]["line"]) == (1, 0, 7)


def test_check_of_a_zip_that_is_damaged_or_none_at_all(place: Path) -> None:
    content = (place / "two.zip").read_bytes()
    (place / "half.zip").write_bytes(content[: len(content) // 2])
    assert _run("check", "half.zip").exit_code == 1
    (place / "none.zip").write_bytes(b"\0")
    assert _run("check", "none.zip").exit_code == 1


def test_check_reads_placeholders(place: Path) -> None:
    (place / "asking.yml").write_text(RULE.replace("CommandLine|contains: backup", "User|expand: '%ours%'"), "utf-8")
    (place / "values.yml").write_text("ours: [ann]\n", "utf-8")
    assert _run("check", "asking.yml").exit_code == 1
    assert _run("check", "asking.yml", "--placeholders", "values.yml").exit_code == 0


def test_explain_shows_what_held_and_what_failed(place: Path) -> None:
    result = _run("explain", "rule.yml", "events.json", "--row", "1")
    assert result.exit_code == 0, result.output
    assert "does not fire" in result.stdout
    assert "held   selection: all of" in result.stdout
    assert "held   filter_ours: CommandLine contains 'backup'  <- 'backup'" in result.stdout
    assert "what stands against it: filter_ours held, and must not" in result.stdout
    assert "\x1b" not in result.stdout


def test_explain_takes_the_event_a_rule_fires_on(place: Path) -> None:
    for name in ("0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a11", "0b0a5f2e", "office_shell", "shell FROM office", "rule.yml"):
        result = _run("explain", name, "events.json", "--rules", "rule.yml")
        assert "row 2, chosen from 3 events" in result.stdout, result.output
        assert "\nfires: " in result.stdout


def test_explain_reads_standard_input_and_writes_json(place: Path) -> None:
    result = _run("explain", "rule.yml", "-", "--format", "json", text=_event(1, "powershell.exe"))
    (told,) = json.loads(result.stdout)
    assert (told["fires"], told["event"]["row"], told["event"]["source"]) == (True, 0, "standard-input")
    assert told["ways"][0]["condition"][0]["parts"][0]["name"] == "selection"


def test_explain_says_what_a_rule_reads_if_not_this_event(place: Path) -> None:
    result = _run("explain", "rule.yml", "-", text=_event(1, "cmd.exe").replace('"EventID": 1', '"EventID": 3'))
    assert result.exit_code == 0
    assert (
        "windows Microsoft-Windows-Sysmon/Operational 1, windows Security 4688, crowdstrike ProcessRollup2; this event is of windows"
        in result.stdout
    )


def test_explain_shows_nothing_that_could_harm_a_terminal(place: Path) -> None:
    result = _run("explain", "rule.yml", "-", text=_event(1, "cmd.exe", CommandLine=HOSTILE, Image=HOSTILE))
    assert result.exit_code == 0
    assert not {"\x1b", "\u202e"} & set(result.stdout)


def test_explain_finds_an_event_that_a_case_keeps(place: Path) -> None:
    words = ["investigate", "events.json", "--rules", "rule.yml", "--no-own-rules", "--out", "case"]
    assert CliRunner().invoke(app, words).exit_code == 0
    (found,) = json.loads(_run("explain", "rule.yml", "events.json", "--format", "json").stdout)
    result = _run("explain", "rule.yml", found["event"]["id"], "--case", "case")
    assert "\nfires: " in result.stdout, result.output
    assert _run("explain", "rule.yml", "0" * 32, "--case", "case").exit_code == 2


@pytest.mark.parametrize(
    "line", ["", "{}", "[" * 5000, '{"EventID": 1}', "\x00", '{"EventID": 1, "Channel": "Security", "a": ' + "[" * 500 + "]" * 500 + "}"]
)
def test_explain_of_hostile_input_is_one_plain_line_or_an_explanation(place: Path, line: str) -> None:
    result = _run("explain", "rule.yml", "-", text=line)
    assert result.exit_code in {0, 2}
    assert "Traceback" not in result.output


def test_reach_says_what_can_fire_and_what_is_missing(place: Path) -> None:
    (place / "other.yml").write_text(
        RULE.replace("6a11", "6a13").replace("CommandLine|contains", "OriginalFileName").replace("and not", "and"), "utf-8"
    )
    result = _run("reach", "events.json", "--rules", "rule.yml", "--rules", "other.yml", "--no-own-rules", "--all")
    assert result.exit_code == 0, result.output
    assert "1 of 2 rules can fire on them; 1 lack a field, 0 have no events" in result.stdout
    assert "OriginalFileName" in result.stdout
    assert "1 skipped" in result.stderr
    told = json.loads(_run("reach", "events.json", "--rules", "other.yml", "--no-own-rules", "--format", "json").stdout)
    assert told["counts"] == {"reached": 0, "field": 1, "source": 0}
    assert told["rules"][0]["missing"] == ["OriginalFileName"]


def test_reach_of_hostile_evidence(place: Path) -> None:
    lines = [_event(1, "cmd.exe", **{f"{HOSTILE}{number}": "x" for number in range(3000)}), _event(1, "x", Channel=HOSTILE)]
    (place / "events.json").write_text("\n".join(lines), "utf-8")
    result = _run("reach", "events.json", "--rules", "rule.yml", "--all")
    assert result.exit_code == 0, result.output
    assert not {"\x1b", "\u202e"} & set(result.output)


def test_update_installs_and_the_word_installed_runs_it(place: Path) -> None:
    assert CliRunner().invoke(app, ["detect", "events.json", "--rules", "installed"]).exit_code == 2
    first = _run("update", "one.zip")
    assert (first.exit_code, "1 rules run" in first.stdout) == (0, True), first.output
    assert "nothing changed" in _run("update", "one.zip").stdout
    found = CliRunner().invoke(app, ["detect", "events.json", "--rules", "installed", "--no-own-rules", "--format", "jsonl"])
    assert [json.loads(line)["row"] for line in found.stdout.splitlines()] == [2]
    told = json.loads(_run("update", "two.zip", "--format", "json").stdout)
    assert ([rule["title"] for rule in told["added"]], told["changed"], told["removed"]) == (["Notepad from Office"], [], [])


def test_update_refuses_what_it_does_not_believe(place: Path) -> None:
    _run("update", "one.zip")
    _zip(place / "broken.zip", RULE.replace("endswith", "endwith"), SECOND)
    with zipfile.ZipFile(place / "slip.zip", "w") as archive:
        archive.writestr("../slip.yml", RULE)
    for name in ("broken.zip", "slip.zip", "rule.yml", "nowhere.zip"):
        result = _run("update", name)
        assert result.exit_code == 2, result.output
        assert result.stderr.startswith("watchkeeper: ")
    assert _run("check", "installed").exit_code == 0
    assert _run("update", "broken.zip", "--force").exit_code == 0
    assert _run("check", "installed").exit_code == 1


def test_replay_of_what_an_update_brought(place: Path) -> None:
    _run("update", "one.zip")
    words = ["investigate", "events.json", "--rules", "installed", "--no-own-rules", "--out", "case", "--keep", "all"]
    assert CliRunner().invoke(app, words).exit_code == 0
    _run("update", "two.zip")
    result = _run("replay", "--case", "case", "--since-update", "--format", "jsonl")
    assert [(row["title"], row["row"]) for row in map(json.loads, result.stdout.splitlines())] == [("Notepad from Office", 0)], (
        result.output
    )
    assert "1 new signals of 1 rules in 3 kept events of the 3 that were read; 0 the case has already" in result.stderr
    everything = _run("replay", "--case", "case", "--rules", "installed")
    assert "1 new signals of 2 rules" in everything.stderr
    assert "1 the case has already" in everything.stderr
    assert "Notepad from Office" in everything.stdout


def test_replay_says_what_was_not_looked_at(place: Path) -> None:
    (place / "events.json").write_text("\n".join([_event(1, "cmd.exe"), _event(50, "notepad.exe")]), "utf-8")
    CliRunner().invoke(app, ["investigate", "events.json", "--rules", "rule.yml", "--no-own-rules", "--out", "case"])
    result = _run("replay", "--case", "case", "--rules", "rule.yml")
    assert result.exit_code == 0
    assert ("--keep all" in result.stderr) == ("in 2 kept" not in result.stderr)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("check", "nowhere"), "nowhere"),
        (("check", "installed"), "watchkeeper rules update"),
        (("check", "rule.yml", "--format", "xml"), "choose one of"),
        (("check", "rule.yml", "--placeholders", "nowhere.yml"), "nowhere.yml"),
        (("explain", "nonesuch", "events.json"), "no rule has the id"),
        (("explain", "Shell form Office", "events.json", "--rules", "rule.yml"), "did you mean 'shell from office'?"),
        (("explain", "broken.yml", "events.json"), "did you mean 'endswith'?"),
        (("explain", "rule.yml", "nowhere.json"), "nowhere.json"),
        (("explain", "rule.yml", "/dev/null"), "no event in 'null'"),
        (("explain", "rule.yml", "events.json", "--row", "99"), "rows count from 0"),
        (("explain", "rule.yml", "abc", "--case", "nowhere"), "keeps no event"),
        (("reach", "nowhere"), "nowhere"),
        (("reach", "events.json", "--format", "xml"), "choose one of"),
        (("reach", "events.json", "--logsources", "rule.yml"), "rule.yml"),
        (("replay", "--case", "."), "say which rules"),
        (("replay", "--case", ".", "--rules", "rule.yml"), "is no case"),
        (("replay", "--case", ".", "--since-update"), "no rules are installed"),
        (("replay", "--case", ".", "--since-update", "--rules", "rule.yml"), "exclude each other"),
    ],
)
def test_what_cannot_be_used_is_one_plain_line_and_exit_code_2(place: Path, words: tuple[str, ...], message: str) -> None:
    result = _run(*words)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_colours_are_for_a_terminal_alone(place: Path) -> None:
    words = [sys.executable, "-m", "watchkeeper", "rules", "explain", "rule.yml", "events.json"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, stdout=theirs, stderr=subprocess.DEVNULL, env={**os.environ, "TERM": "xterm"}) as running:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # Linux reports the other end's closing as an error
            while part := os.read(ours, 4096):
                shown += part
        os.close(ours)
    assert running.returncode == 0
    assert b"\x1b[32mfires" in shown
    piped = subprocess.run(words, capture_output=True, check=True)
    assert b"\nfires" in piped.stdout
    assert b"\x1b" not in piped.stdout
