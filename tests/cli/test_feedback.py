"""The worked example of docs/feedback.md, run as it stands there, and what a person may not say."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchkeeper.cli import app

TEXT = (Path(__file__).parents[2] / "docs" / "feedback.md").read_text("utf-8").partition("## A worked example")[2]
FILES = re.findall(r"`((?:rules|logs)/[\w.]+)`[^`]*?```\w+\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
LINES = [line for language, block in BLOCKS if not language for line in block.splitlines()]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    for name, content in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    return tmp_path


def test_the_worked_example_says_what_it_is_said_to_say(place: Path) -> None:
    assert [name for name, _ in FILES] == ["rules/copies.yml", "logs/hosts.json"]
    output = ""
    commands = 0
    for line in LINES:
        if line.startswith("# "):
            assert line[2:] in output
        else:
            program, *words = shlex.split(line)
            assert program == "watchkeeper"
            result = CliRunner().invoke(app, words)
            assert result.exit_code == 0, f"{line}: {result.output}"
            output = result.output
            commands += 1
    assert commands >= 8


def test_what_would_be_no_words_is_refused(place: Path) -> None:
    for words, message in ((["abc"], "say what it was and why"), (["abc", "benign", "--why", " "], "say what it was and why")):
        result = CliRunner().invoke(app, ["feedback", *words])
        assert (result.exit_code, message in result.output) == (2, True)
    unknown = CliRunner().invoke(app, ["feedback", "abc", "good", "--why", "w"])
    assert (unknown.exit_code, "choose one of" in unknown.output) == (2, True)


def test_a_filter_that_cannot_be_proved_is_not_written(place: Path) -> None:
    run = CliRunner().invoke
    wanted = ["rules", "filter", "Files copied to a share", "--rules", "rules", "--accept", "filter.yml"]
    assert run(app, ["investigate", "logs", "--rules", "rules", "--no-own-rules", "--out", "case"]).exit_code == 0
    nobody = run(app, wanted)
    assert (nobody.exit_code, "was judged benign" in nobody.output) == (2, True)
    for incident, verdict in (("8bce", "benign"), ("e69f", "succeeded")):
        assert run(app, ["feedback", incident, verdict, "--why", "w"]).exit_code == 0
    for part in (place / "case" / "events").glob("*.parquet"):
        part.unlink()
    assert run(app, wanted).exit_code == 2
    assert not (place / "filter.yml").exists()
