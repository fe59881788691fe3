"""Packing and verifying as a person types them: what is said, and with which exit code."""

import json
import shutil
import zipfile
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
    monkeypatch.setenv("WATCHKEEPER_STATE", str(tmp_path / "state"))
    (tmp_path / "case").mkdir()
    shutil.copyfile(CASE, tmp_path / "case" / "incidents.json")
    assert _run("content", "keys", "new", "--out", "ours.key", "--no-password").exit_code == 0
    return tmp_path


def test_a_signed_package_is_verified_by_its_key_and_refused_by_none(place: Path) -> None:
    packed = _run("evidence", "pack", "case", "--out", "e.zip", "--key", "ours.key", "--by", "A. N.", "--machine", "lab1")
    assert (packed.exit_code, "signed with" in packed.output) == (0, True), packed.output
    stranger = _run("evidence", "verify", "e.zip")
    assert (stranger.exit_code, "not trusted here" in stranger.output) == (1, True)
    verified = _run("evidence", "verify", "e.zip", "--key", "ours.pub")
    assert (verified.exit_code, "everything holds" in verified.output, "by A. N. on lab1" in verified.output) == (0, True, True)
    assert "(SYNTHETIC)" in verified.output
    assert _run("content", "trust", "ours.pub").exit_code == 0
    told = json.loads(_run("evidence", "verify", "e.zip", "--format", "json").output)
    assert (told["holds"], len(told["signer"]), told["package"]["machine"]) == (True, 16, "lab1")


def test_without_a_key_it_says_so_and_what_was_changed_is_named(place: Path) -> None:
    packed = _run("evidence", "case", "--out", "e.zip")
    assert (packed.exit_code, "NOT SIGNED" in packed.output) == (0, True), packed.output
    verified = _run("evidence", "verify", "e.zip")
    assert (verified.exit_code, "NOT SIGNED" in verified.output) == (0, True)
    with zipfile.ZipFile("e.zip") as archive:
        at = archive.getinfo("report/report.md").header_offset + 60
    whole = bytearray(Path("e.zip").read_bytes())
    whole[at] ^= 1
    Path("e.zip").write_bytes(whole)
    changed = _run("evidence", "verify", "e.zip")
    assert (changed.exit_code, "DOES NOT HOLD  report/report.md" in changed.output) == (1, True), changed.output


def test_what_cannot_be_packed_or_is_not_there_is_said(place: Path) -> None:
    assert (_run("evidence", "pack", "nowhere", "--out", "e.zip").exit_code, Path("e.zip").exists()) == (2, False)
    assert _run("evidence", "pack", "case", "--out", "e.zip", "--incident", "99").exit_code == 2
    assert _run("evidence", "verify", "nothing.zip").exit_code == 2
