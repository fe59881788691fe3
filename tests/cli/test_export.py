"""Exporting as a person types it."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from watchkeeper.cli import app

CASE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case").mkdir()
    shutil.copyfile(CASE, tmp_path / "case" / "incidents.json")
    return tmp_path


@pytest.mark.parametrize("kind", ["stix", "attack-flow", "ocsf", "navigator"])
def test_an_export_goes_to_a_file_or_to_the_terminal(place: Path, kind: str) -> None:
    told = _run("export", "case", "--format", kind)
    assert _run("export", "case", "--format", kind, "--out", "x.json").exit_code == 0
    assert told.stdout == Path("x.json").read_text("utf-8")


def test_an_export_of_an_unknown_kind_or_level_is_refused(place: Path) -> None:
    assert "choose one of stix" in _run("export", "case", "--format", "pdf").output
    assert _run("export", "case", "--format", "stix", "--tlp", "purple").exit_code == 2
    assert "object_marking_refs" not in _run("export", "case", "--format", "stix", "--tlp", "none").output
