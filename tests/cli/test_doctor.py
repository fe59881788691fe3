"""`watchkeeper doctor` and `health`, as people call them."""

import json
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.server.vitals import Pulse


def _invoke(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_a_folder_on_which_nothing_runs_is_well_enough(tmp_path: Path) -> None:
    code, said = _invoke("doctor", "--state", str(tmp_path))
    assert code == 0, said
    assert "BAD" not in said
    assert "nothing runs" not in said, "who only investigates need not hear of it"


def test_what_does_not_work_is_bad_with_what_to_do_in_every_form(tmp_path: Path) -> None:
    (tmp_path / "notify.yml").write_text("routes: [")
    pulse = Pulse(tmp_path, "web")
    pulse.phase("running", "the disk is full")
    pulse.write()
    code, said = _invoke("doctor", "--state", str(tmp_path))
    assert (code, "BAD  process web runs, but: the disk is full" in said) == (1, True), said
    code, said = _invoke("doctor", "--state", str(tmp_path), "--format", "json", "--lang", "zh")
    found = {one["what"]["code"]: one for one in json.loads(said)}
    assert (code, found["doctor.routes.wrong"]["state"]) == (1, "bad")
    assert "没有任何人会收到通知" in found["doctor.routes.wrong"]["says"]
    assert found["doctor.routes.wrong"]["do"]


def test_why_something_is_empty_is_said_in_a_sentence(tmp_path: Path) -> None:
    code, said = _invoke("doctor", "--state", str(tmp_path), "--why", "incidents")
    assert code == 1
    assert said.startswith("BAD  nothing runs on this state folder")
    assert "watchkeeper serve" in said
    code, said = _invoke("doctor", "--state", str(tmp_path), "--why", "coffee")
    assert (code, "choose one of events, signals, incidents" in said) == (2, True)


def test_health_says_whether_events_are_taken_in(tmp_path: Path) -> None:
    code, said = _invoke("health", "--state", str(tmp_path))
    assert (code, json.loads(said)["is_ready"]) == (1, False)
    pulse = Pulse(tmp_path, "web", lambda: datetime.now(UTC))
    pulse.phase("running")
    pulse.write()
    code, said = _invoke("health", "--state", str(tmp_path))
    assert (code, json.loads(said)["is_ready"]) == (0, True)
