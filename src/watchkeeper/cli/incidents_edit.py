"""`watchkeeper incidents merge`, `split` and their undoing. Owns what is said of the incidents before and after."""

from collections.abc import Sequence
from typing import Literal

import typer

from watchkeeper.cli.desks import desk_at, who
from watchkeeper.cli.where import Where
from watchkeeper.model.change import EditDone, Size
from watchkeeper.reporting.harmless import harmless


def merged(into: str, other: str, reason: tuple[str, str | None], what_if: bool, where: Where) -> None:
    """Merge two incidents."""
    with desk_at(where) as desk:
        _say(desk.merge(into, other, who(where, *reason), keep=not what_if))


def divided(incident: str, leaving: tuple[Sequence[str], str], reason: tuple[str, str | None], what_if: bool, where: Where) -> None:
    """Split folds off an incident."""
    with desk_at(where) as desk:
        _say(desk.split(incident, leaving, who(where, *reason), keep=not what_if))


def undone(kind: Literal["merge", "split"], incident: str, what_if: bool, where: Where) -> None:
    """Take back an edit."""
    with desk_at(where) as desk:
        _say(desk.undo(kind, incident, keep=not what_if))


def _say(done: EditDone) -> None:
    for one in done.resized:
        typer.echo(harmless(f"{one.id[:12]}: {_said(one.before)}, then {_said(one.after)}"))
    typer.echo("kept; the report of the case says so when the evidence is investigated again" if done.kept else "nothing was kept")


def _said(one: Size | None) -> str:
    return f"{one.title!r} with {one.folds} folds of {one.signals:,} signals" if one else "not there"
