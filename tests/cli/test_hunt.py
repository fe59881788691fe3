"""The command as a person types it: which hunts are meant, what it says, and that no log can move the cursor."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from watchkeeper.cli import app

HOSTILE = "\x1b[2J\u202e[/red]:skull:"


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    event = {
        "EventID": 10, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "WS1.corp.example",
        "UtcTime": "2025-04-01 10:00:00.000",
        "SourceImage": f"C:\\Users\\ann\\{HOSTILE}.exe", "TargetImage": "C:\\Windows\\System32\\lsass.exe", "GrantedAccess": "0x1010",
        "CallTrace": "C:\\x.dll+1", "SourceUser": f"CORP\\ann{HOSTILE}",
    }  # fmt: skip
    (tmp_path / "logs.json").write_text(json.dumps(event), "utf-8")
    return tmp_path / "logs.json"


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, ["hunt", *words])


def test_one_hunt_says_all_that_it_knows(evidence: Path) -> None:
    done = _run("lsass-memory", str(evidence))
    assert done.exit_code == 0
    assert done.stdout.startswith("lsass-memory: findings: 1\n")
    assert "hosts that could answer: 1 (ws1)" in done.stdout
    assert "may be harmless" in done.stdout
    assert "look at next" in done.stdout
    assert "hunt." not in done.stdout
    assert [character for character in "\x1b\u202e" if character in done.stdout] == []


@pytest.mark.parametrize("words", [("--all",), ("--technique", "T1003")])
def test_several_hunts_are_summed_up(evidence: Path, words: tuple[str, ...]) -> None:
    done = _run(*words, str(evidence), "--lang", "zh")
    assert done.exit_code == 0
    assert "lsass-memory: 1 个发现" in done.stdout
    assert "此处无法作答" in done.stdout


def test_machines_get_every_result(evidence: Path) -> None:
    told = {one["hunt"]["name"]: one for one in json.loads(_run("--all", str(evidence), "--format", "json").stdout)}
    assert (told["lsass-memory"]["status"], told["lsass-memory"]["answering"]) == ("found", ["ws1"])
    assert told["dcsync"]["status"] == "unanswerable"


def test_the_list_names_every_hunt_and_those_of_a_technique() -> None:
    whole, few = _run("list").stdout, _run("list", "--technique", "T1003").stdout
    assert "lsass-memory" in whole
    assert "web-shells" in whole
    assert "lsass-memory" in few
    assert "web-shells" not in few
    assert len(json.loads(_run("list", "--format", "json").stdout)) >= 20


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lsass-memroy", "."), "did you mean 'lsass-memory'?"),
        (("lsass-memory",), "say which evidence"),
        (("--all", "--technique", "T1003", "."), "exclude each other"),
        (("--technique", "T1003.099", "."), ""),
        (("lsass-memory", "nowhere-at-all"), "nowhere-at-all"),
        (("lsass-memory", ".", "--usual-until", "soon"), "'soon' is no time"),
        (("lsass-memory", ".", "--format", "xml"), "--format 'xml'"),
    ],
)
def test_what_cannot_be_asked_is_one_line(words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = _run(*words)
    if said:
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert said in done.stderr
    else:
        assert done.exit_code == 0


def test_a_folder_gets_a_case_with_the_results(evidence: Path, tmp_path: Path) -> None:
    done = _run("lsass-memory", str(evidence), "--out", str(tmp_path / "hunted"))
    assert done.exit_code == 0
    assert "1 incident in" in done.stderr
    assert (tmp_path / "hunted" / "hunts.json").is_file()
    assert (tmp_path / "hunted" / "report.html").is_file()
