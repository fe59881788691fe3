"""Backing up and restoring, as a person types it."""

from contextlib import closing
from pathlib import Path

from typer.testing import CliRunner, Result

from watchkeeper.cli import app
from watchkeeper.store import open_store


def _run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_what_was_kept_comes_back_in_another_folder(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "state")) as store:
        store.keep_setting("a", "1")
    file = tmp_path / "backup.zip"
    made = _run("backup", file, "--state", tmp_path / "state")
    assert (made.exit_code, "keep it where others cannot read it" in made.stdout) == (0, True)
    assert "restored" in _run("restore", file, "--state", tmp_path / "new").stdout
    with closing(open_store(tmp_path / "new")) as store:
        assert store.settings() == {"a": "1"}
    refused = _run("restore", file, "--state", tmp_path / "new")
    assert (refused.exit_code, "--replace" in refused.stderr) == (2, True)
    assert _run("restore", file, "--state", tmp_path / "new", "--replace").exit_code == 0
    assert _run("backup", file, "--state", tmp_path / "state").exit_code == 2


def test_no_backup_is_made_of_a_database_that_is_not_there(tmp_path: Path) -> None:
    refused = _run("backup", tmp_path / "backup.zip", "--state", tmp_path / "typed-wrongly")
    assert (refused.exit_code, "no database" in refused.stderr) == (2, True)
    assert not (tmp_path / "typed-wrongly").exists()
