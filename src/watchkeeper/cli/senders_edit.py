"""What `watchkeeper senders` does. Owns the words; tokens are made in `autopilot.senders`."""

from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.people import COMMAND_LINE
from watchkeeper.autopilot.senders import add_sender, named_sender, new_sender, roll_token, switch_sender
from watchkeeper.cli.opened import opened
from watchkeeper.reporting.harmless import harmless


def add(asked: tuple[str, str, tuple[str, ...]], silent_after: int, tenant: str, state: Path | None) -> None:
    """Let a sender in."""
    name, reader, peers = asked
    who = COMMAND_LINE.model_copy(update={"tenant": tenant})
    with opened(state, tenant) as (store, people):
        sender = new_sender(store, name, reader, peers, silent_after)
        secret = add_sender(store, people.audit, sender, who, datetime.now(UTC))
    typer.echo(f"sender {sender.name!r} of tenant {tenant!r} was let in; its token, shown this once: {secret}")


def listed(state: Path | None) -> None:
    """List senders."""
    table = Table("Id", "Name", "Tenant", "Reader", "Networks", "State", box=None, pad_edge=False)
    with opened(state) as (store, _):
        for one in store.every_sender():
            reader, networks = one.reader or "by content", " ".join(one.peers)
            table.add_row(one.id[:12], *(harmless(text) for text in (one.name, one.tenant, reader, networks)), "on" if one.on else "off")
    Console(markup=False).print(table if table.row_count else "nobody may send; `watchkeeper senders add` lets one in")


def roll(name: str, days: int, tenant: str, state: Path | None) -> None:
    """Give a sender another token."""
    who = COMMAND_LINE.model_copy(update={"tenant": tenant})
    with opened(state, tenant) as (store, people):
        sender = named_sender(store, name)
        secret = roll_token(store, people.audit, sender, who, datetime.now(UTC), days or None)
    typer.echo(f"sender {sender.name!r} has another token, shown this once: {secret}")


def switch(name: str, tenant: str, state: Path | None, *, on: bool) -> None:
    """Say whether a sender is let in."""
    who = COMMAND_LINE.model_copy(update={"tenant": tenant})
    with opened(state, tenant) as (store, people):
        sender = switch_sender(store, people.audit, named_sender(store, name), who, datetime.now(UTC), on=on)
    typer.echo(f"sender {sender.name!r} is let in {'again' if on else 'no more'}")
