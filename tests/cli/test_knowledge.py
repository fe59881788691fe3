"""The commands about ATT&CK as a person types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from watchkeeper.cli import app

SMALL = Path(__file__).parents[1] / "cases" / "attack" / "small" / "bundle.json"


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, ["knowledge", *words])


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHKEEPER_RULES", str(tmp_path / "installed"))


def test_before_anything_is_imported_the_built_in_table_answers() -> None:
    assert "nothing is imported" in _run("show").output
    said = _run("technique", "t1562.001").output
    assert "T1685 Disable or Modify Tools" in said
    assert "T1562.001 was replaced by it" in said
    asked = _run("group", "Larks")
    assert (asked.exit_code, "knowledge import" in asked.output) == (2, True)


def test_from_importing_to_asking() -> None:
    done = _run("import", str(SMALL))
    assert (done.exit_code, "ATT&CK 18.1: 2 techniques, 2 replaced ids, 2 groups, 1 software, 1 campaigns" in done.output) == (0, True)
    assert "the built-in table (19) wins" in done.output
    assert "2 left out: revoked objects" in done.output
    assert "nothing was changed" in _run("import", str(SMALL)).output
    shown = json.loads(_run("show", "--format", "json").output)
    assert (shown["version"], shown["counts"]["groups"], shown["counts"]["attributions"]) == ("18.1", 2, 1)
    assert (shown["imported"]["file"], len(shown["imported"]["digest"])) == ("bundle.json", 64)
    assert "the built-in table wins" in _run("show").output
    assert "used by 1 of 2 groups: Larks" in _run("technique", "T9001").output
    group = _run("group", "morning birds").output
    assert "G9001 Larks, also Morning Birds" in group
    assert "campaigns: Dawn" in group
    assert "attributed to Larks" in _run("group", "C9001").output


def test_a_newer_bundle_wins_and_says_so(tmp_path: Path) -> None:
    newer = tmp_path / "newer.json"
    newer.write_bytes(SMALL.read_bytes().replace(b'"18.1"', b'"25.0"'))
    assert "this bundle wins" in _run("import", str(newer)).output
    assert json.loads(_run("show", "--format", "json").output)["spoken"] == "25.0"


def test_what_is_not_known_and_what_is_refused(tmp_path: Path) -> None:
    assert (_run("technique", "T9999").exit_code, _run("technique", "<b>").exit_code) == (1, 1)
    _run("import", str(SMALL))
    assert _run("group", "nobody").exit_code == 1
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[]", "utf-8")
    refused = _run("import", str(wrong))
    assert (refused.exit_code, "refused" in refused.output) == (2, True)
    assert _run("import", str(tmp_path / "absent")).exit_code == 2


def test_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.json"
    hostile.write_bytes(SMALL.read_bytes().replace(b"Morning Birds", b"\\u001b[2J"))
    _run("import", str(hostile))
    assert "\x1b" not in _run("group", "Larks").output
