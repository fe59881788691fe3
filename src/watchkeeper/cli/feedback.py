"""`watchkeeper feedback`. Owns keeping what a person said, saying what it changes, and listing everything that was said."""

import getpass
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.feedback import subject, would_change
from watchkeeper.autopilot.rejudging import grounds
from watchkeeper.cli.intel_import import intel_folder
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.reopened import say_how_many
from watchkeeper.cli.what_if import say_changes
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.verdict import HARMLESS, Outcome
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store


def run(said: tuple[str | None, str | None, str | None], by: str | None, state: Path | None, what_if: bool) -> None:
    """Keep the person's verdict, or say what it would change; list everything that was said if nothing is."""
    start, verdict, why = said
    if start is None:
        _list(state)
        return
    intel = intel_folder(state)
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        if verdict is None or not (why or "").strip():
            raise ValueError("say what it was and why: watchkeeper feedback ID VERDICT --why …")
        outcome = cast("Outcome", one_of("verdict", verdict, get_args(Outcome)))
        found = subject(store, start)
        words = Feedback(
            about=found.about,
            subject=found.id,
            verdict=outcome,
            why=why or "",
            by=by or getpass.getuser(),
            time=datetime.now(UTC),
            folds=found.folds,
            grounds=grounds(store, found.folds, intel) if outcome in HARMLESS else None,
        )
        if what_if:
            say_changes(list(would_change(words, store)), store)
            return
        store.add_feedback(words)
        typer.echo(harmless(f"kept: {found.about} {found.id} ({found.title}) is {outcome}"))
        say_how_many(store, intel)


def _list(state: Path | None) -> None:
    table = Table("When", "What", "Verdict", "Who", "Why", box=None, pad_edge=False)
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        for one in store.feedback():
            time = f"{one.time:%Y-%m-%d %H:%M}"
            table.add_row(time, f"{one.about} {one.subject[:12]}", one.verdict, harmless(one.by), harmless(one.why))
    Console(markup=False).print(table if table.row_count else "nobody said anything yet; `watchkeeper feedback ID VERDICT --why …` does")
