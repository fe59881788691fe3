"""`watchkeeper senders`. Owns names and options of its commands; what each does stands in `senders_edit`."""

from pathlib import Path
from typing import Annotated

import typer

senders_app = typer.Typer(help="Who may send telemetry: shippers, products, networks, each with its token.", no_args_is_help=True)

State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]
Tenant = Annotated[str, typer.Option(help="Tenant that its events belong to.")]
Name = Annotated[str, typer.Argument(help="Name of the sender, or its id or the first characters of that.")]


@senders_app.command("add")
def senders_add(
    name: Annotated[str, typer.Argument(help="Name of the sender; events show it as their source.")],
    reader: Annotated[str, typer.Option(help="Reader or alert mapping for what it sends; default: recognised by content.")] = "",
    peers: Annotated[
        list[str] | None, typer.Option("--peer", help="Network (CIDR) that may send as it without a token, for syslog; several times.")
    ] = None,
    silent_after: Annotated[int, typer.Option(help="Seconds without anything after which it counts as silent; 0: never.", min=0)] = 3_600,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Let a sender in, and show its token this once."""
    from watchkeeper.cli.senders_edit import add

    add((name, reader, tuple(peers or ())), silent_after, tenant, state)


@senders_app.command("list")
def senders_list(state: State = None) -> None:
    """List senders of every tenant."""
    from watchkeeper.cli.senders_edit import listed

    listed(state)


@senders_app.command("roll")
def senders_roll(
    name: Name,
    days: Annotated[int, typer.Option(help="How long the token holds; 0: until it is rolled.", min=0)] = 0,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Give a sender another token, shown this once; the one before counts no longer."""
    from watchkeeper.cli.senders_edit import roll

    roll(name, days, tenant, state)


@senders_app.command("off")
def senders_off(
    name: Name,
    again: Annotated[bool, typer.Option("--again", help="Let it in again.")] = False,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Let a sender in no more; what it sent stays."""
    from watchkeeper.cli.senders_edit import switch

    switch(name, tenant, state, on=again)
