"""`watchkeeper incidents close` and `reopen`. Owns what is said; what follows from it is the autopilot's."""

import getpass
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import typer

from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.following import closed as shut
from watchkeeper.autopilot.following import followed_of
from watchkeeper.autopilot.standings import close, reopen
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.settings import read_settings
from watchkeeper.store import Store, open_store


def closed(start: str, reason: tuple[str, str | None], state: Path | None) -> None:
    """Close an incident."""
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        before = _followed(store)
        standing = close(store, start, _who(*reason))
        typer.echo(f"closed: incident {standing.incident[:12]}; {before - _followed(store)} things are no longer looked out for")


def reopened(start: str, reason: tuple[str, str | None], state: Path | None) -> None:
    """Open an incident again."""
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        before = _followed(store)
        standing = reopen(store, start, _who(*reason))
        left = " a verdict still holds it to be harmless;" if standing.incident in shut(store) else ""
        typer.echo(f"re-opened: incident {standing.incident[:12]};{left} {_followed(store) - before} things are looked out for again")


def _followed(store: Store) -> int:
    return sum(map(len, followed_of(store.watches(), store, datetime.now(UTC)).by_rule.values()))


def _who(why: str, by: str | None) -> Who:
    return Who(by or getpass.getuser(), why, datetime.now(UTC))
