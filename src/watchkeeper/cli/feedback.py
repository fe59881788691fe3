"""`watchkeeper feedback`. Owns keeping what a person said, and saying what it changes."""

import getpass
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

import typer

from watchkeeper.autopilot.feedback import subject
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.verdict import Outcome
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store


def run(start: str, verdict: str, why: str, by: str | None, state: Path | None) -> None:
    """Keep the person's verdict."""
    with plain_errors(), closing(open_store(read_settings(state).state)) as store:
        outcome = cast("Outcome", one_of("verdict", verdict, get_args(Outcome)))
        found = subject(store, start)
        store.add_feedback(
            Feedback(
                about=found.about,
                subject=found.id,
                verdict=outcome,
                why=why,
                by=by or getpass.getuser(),
                time=datetime.now(UTC),
                folds=found.folds,
            )
        )
    typer.echo(f"kept: {found.about} {found.id} is {outcome}")
