"""`watchkeeper incidents merge`, `split` and their undoing. Owns what is said of the incidents before and after."""

import getpass
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import typer

from watchkeeper.autopilot.edits import Who, merge, seen, split, undo, with_edit
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.model.edit import Edit
from watchkeeper.model.incident import Incident
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import Store, open_store


def merged(into: str, other: str, reason: tuple[str, str | None], state: Path | None, what_if: bool) -> None:
    """Merge two incidents."""
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        _keep(store, merge(store, into, other, _who(*reason)), what_if)


def divided(incident: str, what: tuple[Sequence[str], str], reason: tuple[str, str | None], state: Path | None, what_if: bool) -> None:
    """Split folds off an incident."""
    folds, host = what
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        _keep(store, split(store, incident, folds, host, _who(*reason)), what_if)


def undone(kind: Literal["merge", "split"], incident: str, state: Path | None, what_if: bool) -> None:
    """Take back an edit."""
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        _keep(store, undo(store, kind, incident, datetime.now(UTC)), what_if)


def _who(why: str, by: str | None) -> Who:
    return Who(by or getpass.getuser(), why, datetime.now(UTC))


def _keep(store: Store, edit: Edit, what_if: bool) -> None:
    before = {one.id: one for one in seen(store).incidents}
    after = {one.id: one for one in with_edit(store, edit).incidents}
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if _size(was) != _size(now):
            typer.echo(harmless(f"{name[:12]}: {_said(was)}, then {_said(now)}"))
    if what_if:
        typer.echo("nothing was kept")
        return
    store.keep_edit(edit)
    typer.echo("kept; the report of the case says so when the evidence is investigated again")


def _size(one: Incident | None) -> tuple[int, int]:
    return (len(one.folds), sum(fold.count for fold in one.folds)) if one else (0, 0)


def _said(one: Incident | None) -> str:
    folds, signals = _size(one)
    return f"{one.title!r} with {folds} folds of {signals:,} signals" if one else "not there"
