"""`watchkeeper suppressions list` and `end`. Owns the table, and what is said of the one that ended."""

from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.desks import desk_at
from watchkeeper.cli.suppressions_words import named
from watchkeeper.cli.where import Where
from watchkeeper.model.suppression import Suppression
from watchkeeper.reporting.harmless import harmless


def run(where: Where) -> None:
    """List suppressions, those that end first coming first."""
    table = Table("Id", "Until", "Rule", "Where", "Owner", "Why", box=None, pad_edge=False)
    now = datetime.now(UTC)
    with desk_at(where) as desk:
        for one in desk.suppressions():
            having = " and ".join(f"{where.name}={where.value}" for where in one.where)
            table.add_row(one.id, _until(one, now), *map(harmless, (one.rule or "any below high", having, one.owner, one.why)))
    Console(markup=False).print(table if table.row_count else "nothing is suppressed")


def end(start: str, where: Where) -> None:
    """End the suppression whose id begins so."""
    with desk_at(where) as desk:
        ended = desk.end_suppression(start)
    typer.echo(harmless(f"ended: {named(ended)}"))


def _until(one: Suppression, now: datetime) -> str:
    if one.ended:
        return f"ended {one.ended:%Y-%m-%d}"
    return f"{'expired ' if one.expires <= now else ''}{one.expires:%Y-%m-%d}"
