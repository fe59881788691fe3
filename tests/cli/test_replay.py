"""Stepping through a story: on a terminal as a person asks, elsewhere all of it, and no log can move the cursor."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from watchkeeper.autopilot.retelling import retell
from watchkeeper.cli import app
from watchkeeper.cli.replay import asked, paced

WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"
HOSTILE = "\x1b[2J\x1b[1;1H\x07\r\u202e\u2066[red]:skull:\u200b"


def _answers(*said: str) -> Iterator[str]:
    yield from said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "incidents.json").write_bytes(WHOLE.read_bytes())
    return tmp_path


@pytest.fixture
def hostile(folder: Path) -> Path:
    """The same case with a hostile text in every value of its story, picture and title."""
    whole: dict[str, Any] = json.loads(WHOLE.read_bytes())
    for incident in whole["incidents"]:
        incident["title"] += HOSTILE
        trace: dict[str, list[dict[str, Any]]] = incident.get("trace") or {"story": [], "nodes": []}
        for claim in trace["story"]:
            claim["arguments"] = {name: value + HOSTILE for name, value in claim["arguments"].items()}
            claim["host"] += HOSTILE
            claim["techniques"] = [HOSTILE]
        for node in trace["nodes"]:
            node["label"] += HOSTILE
    (folder / "incidents.json").write_text(json.dumps(whole), "utf-8")
    return folder


def test_enter_goes_on_b_back_and_q_ends_it() -> None:
    said = _answers("", "", "b", "what", "", "", "")
    assert list(asked(4, lambda: next(said))) == [0, 1, 2, 1, 2, 3]
    said = _answers("b", "", "q")
    assert list(asked(4, lambda: next(said))) == [0, 0, 1]
    assert list(asked(0, lambda: next(said))) == []


def test_the_end_of_the_input_ends_it() -> None:
    def closed() -> str:
        raise EOFError

    assert list(asked(3, closed)) == [0]


def test_a_pace_waits_for_each_pause_and_never_long(folder: Path) -> None:
    waited: list[float] = []
    told = retell(folder)
    assert list(paced(told.steps, 2.0, waited.append)) == list(range(len(told.steps)))
    pauses = [step.pause for step in told.steps if step.pause is not None]
    assert waited == [min(5.0, pause / timedelta(seconds=2)) for pause in pauses]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_a_terminal_every_sentence_comes_with_its_evidence(folder: Path, language: str) -> None:
    done = CliRunner().invoke(app, ["replay", str(folder), "--lang", language])
    assert done.exit_code == 0
    count = len(retell(folder).steps)
    assert [f"[{number}/{count}]" in done.stdout for number in range(1, count + 1)] == [True] * count
    assert "E1" in done.stdout
    assert "replay." not in done.stdout


def test_machines_get_the_claims_and_what_is_new(folder: Path) -> None:
    told = json.loads(CliRunner().invoke(app, ["replay", str(folder), "--format", "json"]).stdout)
    assert [step["number"] for step in told["steps"]] == list(range(1, len(told["steps"]) + 1))
    assert all(step["claim"]["evidence"] and step["sentence"] for step in told["steps"])
    assert sum(len(step["new"]) for step in told["steps"]) == told["steps"][-1]["known"]


def test_nothing_in_a_case_moves_the_cursor(hostile: Path) -> None:
    said = CliRunner().invoke(app, ["replay", str(hostile), "--all"]).stdout
    assert [character for character in "\x1b\x07\r\u202e\u2066\u200b" if character in said] == []
    assert "␛[2J" in said
    assert "[red]:skull:" in said


def test_what_cannot_be_replayed_is_one_line(tmp_path: Path, folder: Path) -> None:
    done = CliRunner().invoke(app, ["replay", str(tmp_path / "nowhere")])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "is no case" in done.stderr
    assert CliRunner().invoke(app, ["replay", str(folder), "--format", "xml"]).exit_code == 2


def test_a_terminal_is_asked_between_steps(hostile: Path) -> None:
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "watchkeeper", "replay", str(hostile)]
    plain = {**os.environ, "NO_COLOR": "1", "TERM": "dumb"}
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=plain) as process:
        os.close(theirs)
        os.write(ours, b"\nq\n")
        said = b"".join(_read(ours)).decode()
        assert process.wait() == 0
    assert "[2/" in said
    assert "[3/" not in said
    assert "\x1b[2J" not in said


def _read(terminal: int) -> Iterator[bytes]:
    """Read until the other side is closed, which Linux tells as an error."""
    while True:
        try:
            some = os.read(terminal, 4096)
        except OSError:
            return
        if not some:
            return
        yield some
