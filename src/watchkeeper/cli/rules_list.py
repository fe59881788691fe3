"""`watchkeeper rules list` and `rules switch`. Owns the table and what is said; the rules are the autopilot's."""

from collections.abc import Mapping

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.desks import desk_at, who
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.model.page import MOST
from watchkeeper.model.rule_seen import RuleFilter
from watchkeeper.reporting.harmless import harmless


def run(asked: Mapping[str, object], most: int, where: Where) -> None:
    """List the rules that fit, by title."""
    with plain_errors():
        wanted = _filter(asked)
    table = Table("Id", "Level", "Signals", "Title", "Techniques", "Right", "Wrong", box=None, pad_edge=False)
    with desk_at(where) as desk:
        page = desk.rules(wanted, "", min(most, MOST))
    for one in page.items:
        record = one.record.record if one.record else None
        counts = (str(record.true), str(record.false)) if record else ("", "")
        words = (one.id[:36], one.level, "yes" if one.on else "off", one.title, " ".join(one.techniques), *counts)
        table.add_row(*map(harmless, words))
    Console(markup=False).print(table if table.row_count else "no rules fit")
    if page.next:
        typer.echo(f"the first {len(page.items):,} that fit; --most lists up to {MOST}, and options narrow them down", err=True)


def switched(rule: str, on: bool, reason: tuple[str, str | None], where: Where) -> None:
    """Switch a rule on or off."""
    with desk_at(where) as desk:
        said = desk.switch(rule, who(where, *reason), on=on)
    typer.echo(harmless(f"rule {said.rule} gives {'signals again' if said.on else 'no signals from now on'}"))


def _filter(asked: Mapping[str, object]) -> RuleFilter:
    try:
        return RuleFilter.model_validate({name: value for name, value in asked.items() if value not in (None, "")})
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"--{first['loc'][0]} {first['input']!r} cannot be used: {first['msg']}") from error
