"""`watchkeeper playbooks` and `questions`: what a person types and reads."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tests.autopilot.playbooks.conftest import incident
from typer.testing import CliRunner

from watchkeeper.autopilot.cacao import exported
from watchkeeper.autopilot.playbooks.reading import playbooks
from watchkeeper.autopilot.questions import ask
from watchkeeper.cli import app
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Case
from watchkeeper.model.playbook import Ask
from watchkeeper.store import open_store

_OWN = "title: {en: Ours now, zh: 我们的}\nstart: tell\nsteps:\n  tell: {kind: tell, say: Look, next: end}\n  end: {kind: end}\n"


def _run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code, result.output
    return result.output


def test_playbooks_are_listed_and_shown_in_both_languages_with_a_person_s_own(tmp_path: Path) -> None:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "unknown.yml").write_text(_OWN, "utf-8")
    told = _run("playbooks", "list", "--state", str(tmp_path))
    assert "Ours now" in told
    assert told.index("ransomware") < told.index("intrusion")
    shown = _run("playbooks", "show", "attempt", "--state", str(tmp_path), "--lang", "zh")
    assert "block: block_address -> block-done; if no effect: block-ineffective" in shown
    assert "未成功" in shown
    assert "there is no playbook 'nothing'" in _run("playbooks", "show", "nothing", "--state", str(tmp_path), code=2)


def test_an_exported_playbook_is_imported_as_a_file_that_is_sound_and_never_over_another(tmp_path: Path) -> None:
    out, folder = tmp_path / "a.json", tmp_path / "state" / "playbooks"
    _run("playbooks", "export", "attempt", "--out", str(out), "--state", str(tmp_path))
    assert json.loads(out.read_text("utf-8"))["spec_version"] == "cacao-2.0"
    _run("playbooks", "import", str(out), "--state", str(tmp_path / "state"))
    assert "1 of 1 playbooks are sound" in _run("playbooks", "check", str(folder))
    assert next(one for one in playbooks([folder]) if one.name == "attempt") == next(one for one in playbooks() if one.name == "attempt")
    assert "is there already" in _run("playbooks", "import", str(out), "--state", str(tmp_path / "state"), code=2)


def test_a_fault_is_named_and_the_exit_code_says_so(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(_OWN.replace("next: end", "next: lost"), "utf-8")
    assert "step 'tell' leads to 'lost', which is no step" in _run("playbooks", "check", str(tmp_path), code=1)
    document = exported(playbooks()[0], "en", datetime.now(UTC))
    (tmp_path / "bad.json").write_text(json.dumps(document | {"workflow_start": "x"}), "utf-8")
    assert "'workflow_start' is no identifier" in _run("playbooks", "import", str(tmp_path / "bad.json"), "--out", str(tmp_path), code=2)


def test_questions_are_listed_with_their_choices_and_answered_once(tmp_path: Path) -> None:
    step = next(one for one in playbooks() if one.name == "web-shell").steps["ask-owner"]
    assert isinstance(step, Ask)
    assert "nobody is asked anything" in _run("questions", "list", "--state", str(tmp_path))
    with closing(open_store(tmp_path)) as store:
        asked = ask(store, incident(), (step, "1/ask-owner#1", "web-shell"), lambda name: Asset(name=name), datetime.now(UTC))
    told = " ".join(_run("questions", "list", "--state", str(tmp_path)).split())
    assert asked.id[:12] in told
    assert "leave*" in told
    said = ("questions", "answer", asked.id[:6], "isolate", "--by", "ann", "--state", str(tmp_path))
    assert "there is no user 'ann'" in _run(*said, code=2)
    for login, role in (("ann", "responder"), ("vera", "viewer")):
        _run("users", "add", login, "--role", role, "--state", str(tmp_path))
    assert "'vera' is no responder" in _run(*said[:5], "vera", *said[6:], code=2)
    assert "is answered 'isolate'" in _run(*said)
    assert "was answered 'isolate' by 'ann' before" in _run(*said, code=2)


def test_a_case_says_which_playbook_each_incident_gets(tmp_path: Path) -> None:
    found = incident()
    case = Case(
        version="1", made=datetime.now(UTC), sources=(), rules=0, rule_problems=(), events=0, signals=0, folds=0, sessions=(), assets=(),
        incidents=(found, found.model_copy(update={"id": "i2", "rank": 2, "verdict": None})),
    )  # fmt: skip
    (tmp_path / "incidents.json").write_text(case.model_dump_json(), "utf-8")
    told = _run("playbooks", "which", str(tmp_path), "--state", str(tmp_path)).splitlines()
    assert [line.split()[2] for line in told[1:] if line[:1].isdigit()] == ["intrusion", "unknown"]
    assert "is no case" in _run("playbooks", "which", str(tmp_path / "none"), "--state", str(tmp_path), code=2)
