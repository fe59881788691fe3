"""`watchkeeper feedback`. Owns keeping what a person said about an incident."""

import getpass
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args

import typer

from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.verdict import Outcome
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store


def run(incident: str, verdict: str, why: str, by: str | None, state: Path | None) -> None:
    """Keep the person's verdict."""
    with plain_errors(), closing(open_store(read_settings(state).state)) as store:
        outcome = cast("Outcome", one_of("verdict", verdict, get_args(Outcome)))
        found = [kept.id for kept in store.incidents() if kept.id.startswith(incident)]
        if len(found) != 1:
            raise ValueError(f"{len(found)} incidents begin with {incident!r}; `watchkeeper incidents` lists them")
        store.add_feedback(Feedback(incident=found[0], verdict=outcome, why=why, by=by or getpass.getuser(), time=datetime.now(UTC)))
    typer.echo(f"kept: {found[0]} is {outcome}")
