"""`watchkeeper watch add` and `remove`. Owns what is said of it; what is kept is the autopilot's."""

import typer

from watchkeeper.autopilot.watch_edits import Wanted
from watchkeeper.cli.desks import desk_at, who
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.model.change import LookedOut
from watchkeeper.model.watch import Watch
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings

_MOST_HOSTS = 5


def added(what: tuple[str, str, str], incident: str, reason: tuple[str, str | None], days: int | None, where: Where) -> None:
    """Keep something to look out for, and look for it in earlier cases at once."""
    with plain_errors():
        wanted = Wanted(*what, days or read_settings().watch_days)
    with desk_at(where) as desk:
        done = desk.watch(incident, wanted, who(where, *reason))
    watch = done.watch
    typer.echo(harmless(f"kept until {watch.until:%Y-%m-%d}: {_named(watch)}, for incident {watch.incident[:12]}"))
    for one in done.seen:
        typer.echo(harmless(_seen(one)))
    if done.more:
        typer.echo(f"and {done.more} times more in earlier cases")


def removed(start: str, reason: tuple[str, str | None], where: Where) -> None:
    """Take something off."""
    with desk_at(where) as desk:
        watch = desk.unwatch(start, who(where, *reason)).watch
    typer.echo(harmless(f"no longer looked out for: {_named(watch)}, for incident {watch.incident[:12]}"))


def _named(watch: Watch) -> str:
    return f"{watch.id[:12]} {watch.entity.kind} {watch.entity.value}"


def _seen(one: LookedOut) -> str:
    since = f"{one.since:%Y-%m-%d %H:%M:%S}" if one.since else "an unknown time"
    hosts = ", ".join(one.hosts[:_MOST_HOSTS]) or "?"
    return f"seen since {since} on {hosts}, named {one.count:,} times: {one.value} in case {one.case}"
