"""`watchkeeper backup` and `watchkeeper restore`. Owns what is said of them; the file is the store's."""

from pathlib import Path

import typer

from watchkeeper.cli.plainly import plain_errors
from watchkeeper.model.backup import BackupManifest
from watchkeeper.settings import read_settings
from watchkeeper.store.backup import back_up, restore


def run_backup(file: Path, state: Path | None) -> None:
    """Write a backup and say what is in it."""
    with plain_errors():
        made = back_up(read_settings(state).store, file)
    typer.echo(f"{_words(made)} in {file}; keys and digests of passwords and tokens are among them: keep it where others cannot read it")


def run_restore(file: Path, state: Path | None, replace: bool) -> None:
    """Restore a backup and say what was in it."""
    with plain_errors():
        kept = restore(file, read_settings(state).store, replace=replace)
    typer.echo(f"{_words(kept)} restored; the backup is of {kept.made:%Y-%m-%d %H:%M} UTC, Watchkeeper {kept.version}, {kept.origin}")


def _words(manifest: BackupManifest) -> str:
    return f"{sum(manifest.rows.values()):,} rows of {len(manifest.rows)} tables"
