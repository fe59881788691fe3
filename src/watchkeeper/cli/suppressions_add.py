"""`watchkeeper suppressions add`. Owns the refusal of what hides an attack, and what is said."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import typer

from watchkeeper.autopilot.history import rule_called
from watchkeeper.autopilot.suppressions import Asked, conditions, suppression, would_hide
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.suppressions_words import named
from watchkeeper.cli.what_if import say_changes
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store


def run(wanted: tuple[str, Sequence[str], str, str, int], state: Path | None, what_if: bool) -> None:
    """Say what the suppression would have done, and keep it unless that alone was asked."""
    rule, where, owner, why, days = wanted
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        asked = Asked(rule_called(store, rule) if rule else "", conditions(where), owner, why, days)
        made = suppression(asked, store, datetime.now(UTC))
        changes = list(would_hide(made, store))
        say_changes(changes, store)
        if true := sum(change.true for change in changes):
            raise ValueError(f"{true} of these signals are of what people judged an attack; say more exactly, with --where, what is noise")
        if not what_if:
            store.keep_suppression(made)
            typer.echo(harmless(f"kept until {made.expires:%Y-%m-%d}: {named(made)}"))
