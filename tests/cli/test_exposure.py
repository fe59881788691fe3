"""`watchkeeper exposure` as a person types it: what it says, and with which exit code."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from watchkeeper.cli import app

ASSETS = """assets:
  - name: web01
    criticality: 4
    exposed: true
    software: [{name: "Gate [\\u202e2J]", vendor: Acme, version: "1.4"}, {name: Wall, vendor: Acme}]
"""
LINES = (
    '{"id": "CVE-2099-0001", "desc": "This issue affects Gate: before 1.5.", "prod": [["Acme", "Gate"]],'
    ' "cvss": ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"], "kev": false}\n'
    '{"id": "CVE-2099-0002", "desc": "Bad.", "prod": [["Acme", "Wall"]], "cvss": []}\nnonsense\n'
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHKEEPER_RULES", str(tmp_path / "rules"))
    (tmp_path / "assets.yml").write_text(ASSETS, "utf-8")
    (tmp_path / "kev.csv").write_text("cveID,vendorProject,product,knownRansomwareCampaignUse\nCVE-2099-0002,Acme,Wall,Known\n", "utf-8")
    (tmp_path / "cve.jsonl").write_text(LINES, "utf-8")
    return tmp_path


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, ["exposure", *words])


def test_the_most_pressing_comes_first_with_its_reasons(place: Path) -> None:
    done = _run("assets.yml", "--kev", "kev.csv", "--cve", "cve.jsonl")
    first, second, *rest = done.output.splitlines()
    assert first == (
        "CVE-2099-0002 Wall on web01: unknown whether affected: the list gives no versions; known to be exploited, also by ransomware,"
        " reachable from outside, criticality 4, no CVSS 3 score, found by vendor and name"
    )
    assert second == (
        "CVE-2099-0001 Gate [\\u202e2J] 1.4 on web01: affected (before 1.5); reachable from outside, criticality 4, CVSS 9.8,"
        " found by vendor and name"
    )
    assert rest == [
        "1 assets, 2 different programs, 1 without a version",
        "2 vulnerabilities read, 1 known to be exploited",
        "known to be exploited: 0 affected, 1 unknown",
        "others: 1 affected, 0 unknown; not affected: 0",
        "1 entries of lists were left out: no JSON that is known",
    ]
    assert done.exit_code == 0


def test_text_is_cut_and_says_so(place: Path) -> None:
    assert "and 1 more; --most 2" in _run("assets.yml", "--kev", "kev.csv", "--cve", "cve.jsonl", "--most", "1").output


def test_for_programs_everything_is_said(place: Path) -> None:
    said = json.loads(_run("assets.yml", "--kev", "kev.csv", "--cve", "cve.jsonl", "--format", "json").output)
    assert [(one["rank"], one["cve"], one["affected"], one["doubt"]) for one in said["findings"]] == [
        (1, "CVE-2099-0002", "unknown", "no versions"),
        (2, "CVE-2099-0001", "yes", ""),
    ]
    assert (said["vulnerabilities"], said["skipped"]["lists"], said["formats"]) == (2, {"no JSON that is known": 1}, ["assets.yml"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("assets.yml",), "no list of vulnerabilities"),
        (("none.yml", "--kev", "kev.csv"), "none.yml"),
        (("cve.jsonl", "--kev", "kev.csv"), "none of"),
        (("assets.yml", "--kev", "assets.yml"), "no list of known exploited"),
        (("assets.yml", "--cve", "kev.csv"), "no list of vulnerabilities"),
        (("assets.yml", "--kev", "kev.csv", "--case", "."), "is no case"),
        (("assets.yml", "--kev", "kev.csv", "--format", "x"), "--format"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(place: Path, words: tuple[str, ...], said: str) -> None:
    done = _run(*words)
    assert (done.exit_code, done.output.count("\n"), said in done.output) == (2, 1, True), done.output
