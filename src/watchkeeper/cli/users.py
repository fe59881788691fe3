"""`watchkeeper users`. Owns names and options of its commands; what each does stands in `users_edit`."""

from pathlib import Path
from typing import Annotated

import typer

users_app = typer.Typer(help="Who may sign in, with which role in which tenant.", no_args_is_help=True)

State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]
Login = Annotated[str, typer.Argument(help="What they type to sign in.")]
Tenant = Annotated[str, typer.Option(help="Tenant of the role, or * for every tenant.")]
Ask = Annotated[bool, typer.Option("--ask", help="Ask for the password instead of making one.")]


@users_app.command("add")
def users_add(
    login: Login,
    role: Annotated[str, typer.Option(help="viewer, analyst, responder or admin.")] = "viewer",
    tenant: Tenant = "default",
    ask: Ask = False,
    state: State = None,
) -> None:
    """Add a user; a password is made and shown this once."""
    from watchkeeper.cli.users_edit import add

    add((login, role, tenant), state, ask=ask)


@users_app.command("list")
def users_list(state: State = None) -> None:
    """List users, their roles, and whether they may sign in."""
    from watchkeeper.cli.users_edit import listed

    listed(state)


@users_app.command("role")
def users_role(
    login: Login,
    role: Annotated[str, typer.Argument(help="viewer, analyst, responder, admin, or none to take it away.")],
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Give a user a role in a tenant, or take it away."""
    from watchkeeper.cli.users_edit import change_role

    change_role((login, role, tenant), state)


@users_app.command("disable")
def users_disable(
    login: Login,
    again: Annotated[bool, typer.Option("--again", help="Let them sign in again.")] = False,
    state: State = None,
) -> None:
    """Let a user sign in no more; their sessions end at once."""
    from watchkeeper.cli.users_edit import disable

    disable(login, state, again=again)


@users_app.command("password")
def users_password(
    login: Login,
    ask: Ask = False,
    drop_factor: Annotated[bool, typer.Option("--no-second-factor", help="Take the second factor away too, for who lost it.")] = False,
    state: State = None,
) -> None:
    """Give a user another password, end their sessions, and let them try again at once."""
    from watchkeeper.cli.users_edit import change_password

    change_password(login, state, ask=ask, drop_factor=drop_factor)
