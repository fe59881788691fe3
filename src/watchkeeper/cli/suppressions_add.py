"""`watchkeeper suppressions add`. Owns what is said; what hides an attack the autopilot refuses."""

from collections.abc import Sequence

import typer

from watchkeeper.autopilot.suppressions import Asked, conditions
from watchkeeper.cli.desks import desk_at
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.suppressions_words import named
from watchkeeper.cli.what_if import say_changes
from watchkeeper.cli.where import Where
from watchkeeper.reporting.harmless import harmless


def run(wanted: tuple[str, Sequence[str], str, str, int], what_if: bool, where: Where) -> None:
    """Say what the suppression would have done, and keep it unless that alone was asked."""
    rule, having, owner, why, days = wanted
    with desk_at(where) as desk:
        done = desk.suppress(Asked(rule, conditions(having), owner, why, days), keep=not what_if)
    say_changes(done.changes)
    with plain_errors():
        if done.refused:
            raise ValueError(done.refused)
    if done.kept:
        typer.echo(harmless(f"kept until {done.suppression.expires:%Y-%m-%d}: {named(done.suppression)}"))
