"""`watchkeeper notify routes`, `test` and `messages`. Owns the tables and exit codes."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.telling import try_route
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.notify.channel import NotSentError
from watchkeeper.notify.delivering import place
from watchkeeper.notify.routes import FILE, Route, read_routes
from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.times import moment
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store
from watchkeeper.store.outbox import MessageKept


def listed(state: Path | None) -> None:
    """List the routes."""
    with plain_errors():
        settings = read_settings(state)
        routes = read_routes(settings.state / FILE).routes
    table = Table("Route", "Channel", "Where", "From level", "Tenants", "Says", "Then", box=None, pad_edge=False)
    for route in routes:
        table.add_row(*_row(route))
    Console(markup=False).print(table if routes else f"nobody is told of anything: there is no route in {settings.state / FILE}")


def _row(route: Route) -> tuple[str, ...]:
    then = f"{route.escalate.to} after {route.escalate.after_minutes} min" if route.escalate else ""
    level = "only escalated" if route.only_escalated else route.level
    return route.name, route.to.channel, place(route), level, ", ".join(route.tenants), f"{route.details}, {route.language}", then


def tried(name: str, state: Path | None) -> None:
    """Send a try; exit code 1 if it was not taken."""
    with plain_errors():
        routes = read_routes(read_settings(state).state / FILE)
        try:
            where = try_route(routes, name, datetime.now(UTC))
        except NotSentError as error:
            typer.echo(f"watchkeeper: not taken: {harmless(str(error))}", err=True)
            raise typer.Exit(1) from error
    typer.echo(harmless(f"taken: {where}"))


def kept(tenant: str, limit: int, state: Path | None) -> None:
    """List messages and where they stand."""
    with plain_errors(), closing(open_store(read_settings(state).store, tenant)) as store:
        messages = store.messages(most=limit)
    table = Table("Made", "Route", "State", "Due or done", "Tries", "Subject", "Why", box=None, pad_edge=False)
    for one in messages:
        table.add_row(*(harmless(text) for text in _message(one)))
    Console(markup=False).print(table if messages else "nobody was told of anything yet")


def _message(kept: MessageKept) -> tuple[str, ...]:
    out = kept.outgoing
    when = moment(kept.settled or out.due)
    return moment(out.message.time), out.route, kept.state, when, str(out.attempts), out.message.subject, kept.note
