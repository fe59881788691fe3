"""What `watchkeeper users` does. Owns the words; who may grant what stands in `autopilot.people`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.access.lockout import counted
from watchkeeper.access.passwords import new_password
from watchkeeper.autopilot.people import COMMAND_LINE, add_user, drop_second_factor, set_disabled, set_password, set_role, told_roles
from watchkeeper.cli.opened import opened
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.model.principal import ROLES, Role


def add(asked: tuple[str, str, str], state: Path | None, *, ask: bool) -> None:
    """Add a user."""
    login, role, tenant = asked
    with opened(state) as (_, people):
        password = _password(ask=ask)
        add_user(people, login, password, [(tenant, _role(role))], COMMAND_LINE, datetime.now(UTC))
    typer.echo(f"user {login!r} was added" + ("" if ask else f"; the password, shown this once: {password}"))


def listed(state: Path | None) -> None:
    """List users."""
    table = Table("Login", "Roles", "Second factor", "Since", "State", box=None, pad_edge=False)
    with opened(state) as (_, people):
        for user in people.users():
            may = f"disabled {user.disabled:%Y-%m-%d}" if user.disabled else "may sign in"
            table.add_row(user.login, told_roles(user.roles), "yes" if user.second_factor else "no", f"{user.made:%Y-%m-%d}", may)
    Console(markup=False).print(table if table.row_count else "there are no users; `watchkeeper users add` adds one")


def change_role(asked: tuple[str, str, str], state: Path | None) -> None:
    """Give a user a role, or take it away."""
    login, role, tenant = asked
    with opened(state) as (_, people):
        who = COMMAND_LINE.model_copy(update={"tenant": tenant})
        changed = set_role(people, login, None if role == "none" else _role(role), who, datetime.now(UTC))
    typer.echo(f"roles of {login!r}: {told_roles(changed.roles)}")


def disable(login: str, state: Path | None, *, again: bool) -> None:
    """Say whether a user may sign in."""
    with opened(state) as (_, people):
        set_disabled(people, login, COMMAND_LINE, datetime.now(UTC), disabled=not again)
    typer.echo(f"user {login!r} may sign in {'again' if again else 'no more'}")


def change_password(login: str, state: Path | None, *, ask: bool, drop_factor: bool) -> None:
    """Give a user another password."""
    now = datetime.now(UTC)
    with opened(state) as (_, people):
        password = _password(ask=ask)
        set_password(people, login, password, COMMAND_LINE, now)
        people.forgive((), wholly=counted(login, "")[:1])
        if drop_factor:
            drop_second_factor(people, login, COMMAND_LINE, now)
    typer.echo(f"user {login!r} has another password" + ("" if ask else f", shown this once: {password}"))


def _password(*, ask: bool) -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True)) if ask else new_password()


def _role(role: str) -> Role:
    with plain_errors():
        return cast("Role", one_of("role", role, ROLES))
