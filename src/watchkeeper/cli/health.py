"""`watchkeeper health`. Owns its output: whether events are taken in, by what processes say of themselves, without a port or token."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from watchkeeper.server.health import health
from watchkeeper.server.vitals import read_vitals
from watchkeeper.settings import read_settings


def run(state: Path | None) -> None:
    """Write how every process is as JSON; exit code 1 if events are not taken in."""
    found = health(read_vitals(read_settings(state).state).vitals, datetime.now(UTC))
    typer.echo(found.model_dump_json(indent=2))
    if not found.is_ready:
        raise typer.Exit(1)
