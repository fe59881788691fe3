"""`watchkeeper feedback`. Owns keeping what a person said, saying what it changes, and listing everything that was said."""

from typing import cast, get_args

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.desks import desk_at, who
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.reopened import say_how_many
from watchkeeper.cli.what_if import say_changes
from watchkeeper.cli.where import Where
from watchkeeper.model.verdict import Outcome
from watchkeeper.reporting.harmless import harmless


def run(said: tuple[str | None, str | None, str | None], by: str | None, what_if: bool, where: Where) -> None:
    """Keep the person's verdict, or say what it would change; list everything that was said if nothing is."""
    start, verdict, why = said
    if start is None:
        _list(where)
        return
    with plain_errors():
        if verdict is None or not (why or "").strip():
            raise ValueError("say what it was and why: watchkeeper feedback ID VERDICT --why …")
        outcome = cast("Outcome", one_of("verdict", verdict, get_args(Outcome)))
    with desk_at(where) as desk:
        done = desk.judge(start, outcome, who(where, why or "", by), keep=not what_if)
    if done.changes:
        say_changes(done.changes)
    if done.kept:
        typer.echo(harmless(f"kept: {done.words.about} {done.words.subject} ({done.title}) is {outcome}"))
        say_how_many(done.to_review)


def _list(where: Where) -> None:
    table = Table("When", "What", "Verdict", "Who", "Why", box=None, pad_edge=False)
    with desk_at(where) as desk:
        for one in desk.feedback():
            time = f"{one.time:%Y-%m-%d %H:%M}"
            table.add_row(time, f"{one.about} {one.subject[:12]}", one.verdict, harmless(one.by), harmless(one.why))
    Console(markup=False).print(table if table.row_count else "nobody said anything yet; `watchkeeper feedback ID VERDICT --why …` does")
