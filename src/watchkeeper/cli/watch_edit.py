"""`watchkeeper watch add` and `remove`. Owns what is said of it; what is kept is the autopilot's."""

import getpass
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import typer

from watchkeeper.autopilot.backwards import Match
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.watch_edits import Wanted, add, remove
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.model.watch import Watch
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store

_MOST_SAID, _MOST_HOSTS = 10, 5


def added(what: tuple[str, str, str], incident: str, reason: tuple[str, str | None], days: int | None, state: Path | None) -> None:
    """Keep something to look out for, and look for it in earlier cases at once."""
    with plain_errors():
        settings = read_settings(state)
        with closing(open_store(settings.store)) as store:
            watch, matches = add(store, incident, Wanted(*what, days or settings.watch_days), _who(*reason))
    typer.echo(harmless(f"kept until {watch.until:%Y-%m-%d}: {_named(watch)}, for incident {watch.incident[:12]}"))
    for match in matches[:_MOST_SAID]:
        typer.echo(harmless(_seen(match)))
    if len(matches) > _MOST_SAID:
        typer.echo(f"and {len(matches) - _MOST_SAID} times more in earlier cases")


def removed(start: str, reason: tuple[str, str | None], state: Path | None) -> None:
    """Take something off."""
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        watch = remove(store, start, _who(*reason))
    typer.echo(harmless(f"no longer looked out for: {_named(watch)}, for incident {watch.incident[:12]}"))


def _who(why: str, by: str | None) -> Who:
    return Who(by or getpass.getuser(), why, datetime.now(UTC))


def _named(watch: Watch) -> str:
    return f"{watch.id[:12]} {watch.entity.kind} {watch.entity.value}"


def _seen(match: Match) -> str:
    since = f"{match.since:%Y-%m-%d %H:%M:%S}" if match.since else "an unknown time"
    hosts = ", ".join(match.hosts[:_MOST_HOSTS]) or "?"
    return f"seen since {since} on {hosts}, named {match.count:,} times: {match.value} in case {Path(match.case).name}"
