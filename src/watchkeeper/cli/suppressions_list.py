"""`watchkeeper suppressions list` and `end`. Owns the table, and which suppression a person means."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.suppressions_words import named
from watchkeeper.model.suppression import Suppression
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store


def run(state: Path | None) -> None:
    """List suppressions, those that end first coming first."""
    table = Table("Id", "Until", "Rule", "Where", "Owner", "Why", box=None, pad_edge=False)
    now = datetime.now(UTC)
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        for one in store.suppressions():
            where = " and ".join(f"{where.name}={where.value}" for where in one.where)
            table.add_row(one.id, _until(one, now), *(harmless(text) for text in (one.rule or "any below high", where, one.owner, one.why)))
    Console(markup=False).print(table if table.row_count else "nothing is suppressed")


def end(start: str, state: Path | None) -> None:
    """End the suppression whose id begins so."""
    now = datetime.now(UTC)
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        found = [one for one in store.suppressions() if one.id.startswith(start) and one.ended is None and now < one.expires]
        if len(found) != 1:
            raise ValueError(f"{len(found)} suppressions in force begin with {start!r}; `watchkeeper suppressions list` lists them")
        store.keep_suppression(found[0].model_copy(update={"ended": now}))
    typer.echo(harmless(f"ended: {named(found[0])}"))


def _until(one: Suppression, now: datetime) -> str:
    if one.ended:
        return f"ended {one.ended:%Y-%m-%d}"
    return f"{'expired ' if one.expires <= now else ''}{one.expires:%Y-%m-%d}"
