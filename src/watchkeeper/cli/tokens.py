"""`watchkeeper tokens`. Owns names and options of its commands; what each does stands in `tokens_edit`."""

from pathlib import Path
from typing import Annotated

import typer

tokens_app = typer.Typer(help="API tokens of programs: what they may do, where and until when.", no_args_is_help=True)

State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]
Tenant = Annotated[str, typer.Option(help="Tenant that it is for, or * for every tenant.")]


@tokens_app.command("add")
def tokens_add(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    role: Annotated[str, typer.Option(help="viewer, analyst, responder or admin.")] = "viewer",
    scopes: Annotated[list[str] | None, typer.Option("--scope", help="read, write or admin; several times. Default: read.")] = None,
    days: Annotated[int, typer.Option(help="How long it holds; 0: until it is revoked.", min=0)] = 90,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Make a token and show it this once."""
    from watchkeeper.cli.tokens_edit import add

    add(name, (role, scopes or ["read"]), days, tenant, state)


@tokens_app.command("list")
def tokens_list(tenant: Tenant = "*", state: State = None) -> None:
    """List tokens, those that ended among them."""
    from watchkeeper.cli.tokens_edit import listed

    listed(tenant, state)


@tokens_app.command("revoke")
def tokens_revoke(token: Annotated[str, typer.Argument(help="Id of the token, or its first characters.")], state: State = None) -> None:
    """End a token now."""
    from watchkeeper.cli.tokens_edit import revoke

    revoke(token, state)
