"""`watchkeeper show`: JSON lines on standard output, what was skipped on standard error, and a wrong view said plainly."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchkeeper.cli import app


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "conn.log"
    record = {"_path": "conn", "ts": 1700000000.0, "uid": "C1", "id.orig_h": "10.0.0.7", "id.resp_h": "203.0.113.5", "conn_state": "SF"}
    path.write_text(json.dumps(record) + "\nno JSON\n", "utf-8")
    return path


def test_events_are_lines_of_json(log: Path) -> None:
    done = CliRunner().invoke(app, ["show", str(log), "--view", "ecs"])
    (line,) = done.stdout.splitlines()
    assert (done.exit_code, json.loads(line)["destination.ip"]) == (0, "203.0.113.5")
    assert "1 skipped" in done.stderr


def test_a_view_that_is_none_is_said(log: Path) -> None:
    done = CliRunner().invoke(app, ["show", str(log), "--view", "cef"])
    assert (done.exit_code, "ocsf, ecs, native" in done.stderr) == (2, True)
