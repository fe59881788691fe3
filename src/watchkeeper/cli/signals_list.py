"""`watchkeeper signals`. Owns the table; which signals there are is the autopilot's."""

import sys
from collections.abc import Mapping

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.desks import desk_at
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.model.page import MOST
from watchkeeper.model.signal_placed import SignalFilter
from watchkeeper.reporting.harmless import harmless


def run(asked: Mapping[str, str], most: int, how: str, where: Where) -> None:
    """List signals that fit, newest first."""
    with plain_errors():
        one_of("format", how, ("table", "jsonl"))
        wanted = _filter(asked)
    table = Table("Time", "Level", "Host", "User", "Rule", "Techniques", "Incident", box=None, pad_edge=False)
    with desk_at(where) as desk:
        page = desk.signals(wanted, "", min(most, MOST))
    for one in page.items:
        if how == "jsonl":
            sys.stdout.write(one.model_dump_json() + "\n")
        time = one.time.isoformat(" ", "seconds") if one.time else "-"
        words = (time, one.level, one.host, one.user, one.title, " ".join(one.techniques), (one.incident or "")[:12])
        table.add_row(*map(harmless, words))
    if how == "table":
        Console(markup=False).print(table if table.row_count else "no signals fit")
    if page.next:
        typer.echo(f"the newest {len(page.items):,} that fit; --most lists up to {MOST}, and options narrow them down", err=True)


def _filter(asked: Mapping[str, str]) -> SignalFilter:
    try:
        return SignalFilter.model_validate({name: value for name, value in asked.items() if value})
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"--{first['loc'][0]} {first['input']!r} cannot be used: {first['msg']}") from error
