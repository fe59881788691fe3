"""Exercises as a red and a blue team type them: declared, listed, scored, reported and ended, on incidents that were really found."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.conftest import Acted
from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.cli.opened import opened

HOUR = timedelta(hours=1)

TEXT = """
name: spring
attackers: {hosts: [WS1.corp.example], accounts: [U1], addresses: [203.0.113.9]}
scope: [ws1]
windows: [{since: 2025-04-01T09:00:00Z, until: 2025-04-01T12:00:00Z}]
plan:
  - {name: run <b>it</b>, technique: T1059, target: ws1, since: 2025-04-01T09:59:00Z, until: 2025-04-01T10:05:00Z}
  - {name: never came, technique: T1003, target: ws1, since: 2025-04-01T11:00:00Z, until: 2025-04-01T11:05:00Z}
"""
WHY = ("--why", "agreed with the board", "--by", "ann")


@pytest.fixture
def declared(acted: Acted, tmp_path: Path) -> Acted:
    (tmp_path / "exercise.yml").write_text(TEXT, "utf-8")
    told = acted.says("exercise", "declare", str(tmp_path / "exercise.yml"), *WHY)
    assert "(spring) is declared; attackers are detected and handled as always" in told
    return acted


def test_each_point_names_its_evidence(declared: Acted) -> None:
    found = json.loads(declared.says("exercise", "score", "spring", "--format", "json"))
    first, second = found["steps"]
    assert (first["signal_title"], first["seen_by"], first["seen_after_seconds"], first["incident"]) == (
        "Evil runs",
        "technique",
        60,
        declared.ws1,
    )
    assert (first["verdict"], first["verdict_right"], first["told"]) == ("attempted", True, None)
    assert (first["action_name"], first["blocked_after_seconds"]) == ("block_address", 480)
    assert (second["signal"], second["incident"], second["action"]) == ("", "", "")
    assert [(one["incident"], one["inside"], one["outside"]) for one in found["incidents"]] == [(declared.ws1, 2, 0)]


def test_it_is_listed_and_scored_on_a_terminal(declared: Acted) -> None:
    assert all(word in declared.says("exercise", "list") for word in ("spring", "ann", "2025-04-01 09:00"))
    told = declared.says("exercise", "score", "spring")
    assert "4 of 10 points; of 2 steps: seen 1, incident 1, verdict 1, blocked 1, reported 0" in told
    assert "incidents that hold something of it: 1; real, since they hold something undeclared too: 0" in told


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Exercise spring", "4 / 10", "by technique", "1 min later", "never came")),
        ("zh", ("演练“spring”", "4 / 10", "依据技术", "1 分钟后", "never came")),
    ],
)
def test_the_final_report(declared: Acted, lang: str, words: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "exercise.html"
    assert "exercise report written to" in declared.says("exercise", "report", "spring", "--lang", lang, "--out", str(out))
    assert "run &lt;b&gt;it&lt;/b&gt;" in out.read_text("utf-8")
    text = declared.says("exercise", "report", "spring", "--lang", lang, "--format", "md").replace("\\", "")
    assert [one for one in words if one not in text] == []


def test_what_nobody_declared_is_real_and_says_why(acted: Acted, tmp_path: Path) -> None:
    (tmp_path / "exercise.yml").write_text(TEXT.replace("U1", "red"), "utf-8")
    acted.says("exercise", "declare", str(tmp_path / "exercise.yml"), *WHY)
    assert json.loads(acted.says("exercise", "score", "spring", "--format", "json"))["incidents"] == []


def test_it_is_ended_once_and_both_are_in_the_audit_log(declared: Acted) -> None:
    assert "is over; whatever comes from now on is real" in declared.says("exercise", "end", "spring", *WHY)
    assert "was ended" in declared.says("exercise", "end", "spring", *WHY, code=2)
    assert "ann" in declared.says("exercise", "list").splitlines()[-1]
    with opened(declared.state) as (_, people):
        entries = [(one.what, one.on, one.note) for one in people.audit.newest()]
    assert [one for one in entries if "exercise" in one[0]] == [
        ("exercise ended", "spring", "ann: agreed with the board"), ("exercise declared", "spring", "ann: agreed with the board"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("score", "autumn"), "0 exercises are called 'autumn'"),
        (("report", "spring", "--format", "pdf"), "--format 'pdf' is not known; choose one of html, md, json"),
        (("declare", "/nowhere.yml", *WHY), "/nowhere.yml"),
        (("declare", "{again}", *WHY), "an exercise 'autumn' is declared already"),
    ],
)
def test_what_cannot_be_done_is_one_plain_line(declared: Acted, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    again = tmp_path / "again.yml"
    again.write_text(TEXT.replace("spring", "autumn").replace("2025-", "2099-"), "utf-8")
    if "{again}" in words:
        declared.says("exercise", "declare", str(again), *WHY)
    told = declared.says("exercise", *(word.format(again=again) for word in words), code=2)
    assert said in told
    assert len(told.strip().splitlines()) == 1


def test_without_one_the_list_says_how(acted: Acted) -> None:
    assert "no exercise was declared; `watchkeeper exercise declare FILE` does" in acted.says("exercise", "list")


def test_a_declared_attacker_is_acted_on_by_the_same_rules(firewall: Path, tmp_path: Path) -> None:
    def says(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output
        return result.output

    now = datetime.now(UTC)
    text = TEXT.replace(
        "2025-04-01T09:00:00Z, until: 2025-04-01T12", f"{now - HOUR:%Y-%m-%dT%H}:00:00Z, until: {now + 3 * HOUR:%Y-%m-%dT%H}"
    )
    propose = ("actions", "propose", "block_address", "address:203.0.113.9", "--why", "it beacons", "--radius", "1", "--wave")
    says(*propose, "0")
    (tmp_path / "exercise.yml").write_text(text[: text.index("plan:")], "utf-8")
    says("exercise", "declare", str(tmp_path / "exercise.yml"), *WHY)
    says(*propose, "1")
    told = [json.loads(line) for line in says("actions", "--all", "--json").splitlines()]
    [during, before] = ({name: one[name] for name in ("state", "level", "approvals")} for one in told)
    assert during == before
    says("actions", "approve", told[0]["id"], "--why", "seen it too", "--by", "bob")
    assert firewall.read_text("utf-8") == "203.0.113.9"
