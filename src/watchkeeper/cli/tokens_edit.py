"""What `watchkeeper tokens` does. Owns the words; who may grant what stands in `autopilot.people`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.people import COMMAND_LINE, make_token, revoke_token
from watchkeeper.cli.opened import opened
from watchkeeper.cli.plainly import one_of
from watchkeeper.model.principal import ROLES, SCOPES, Role, Scope
from watchkeeper.model.token import ApiToken


def add(name: str, rights: tuple[str, Sequence[str]], days: int, tenant: str, state: Path | None) -> None:
    """Make a token."""
    with opened(state) as (_, people):
        role = cast("Role", one_of("role", rights[0], ROLES))
        scopes: list[Scope] = [cast("Scope", one_of("scope", scope, SCOPES)) for scope in dict.fromkeys(rights[1])]
        who = COMMAND_LINE.model_copy(update={"tenant": tenant})
        token, secret = make_token(people, name, (role, scopes), days or None, who, datetime.now(UTC))
    typer.echo(f"token {token.id} of {token.name!r}, shown this once: {secret}")


def listed(tenant: str, state: Path | None) -> None:
    """List tokens."""
    table = Table("Id", "Name", "Tenant", "Role", "Scopes", "Last used", "Ends", box=None, pad_edge=False)
    with opened(state) as (_, people):
        for one in people.tokens(tenant):
            used = f"{one.last_used:%Y-%m-%d %H:%M}" if one.last_used else "never"
            table.add_row(one.id, one.name, one.tenant, one.role, " ".join(one.scopes), used, _end(one, datetime.now(UTC)))
    Console(markup=False).print(table if table.row_count else "there are no tokens; `watchkeeper tokens add` makes one")


def revoke(start: str, state: Path | None) -> None:
    """End the token whose id begins so."""
    now = datetime.now(UTC)
    with opened(state) as (_, people):
        found = [one for one in people.tokens() if start and one.id.startswith(start) and one.holds(now)]
        if len(found) != 1:
            raise ValueError(f"{len(found)} tokens that hold begin with {start!r}; `watchkeeper tokens list` lists them")
        revoke_token(people, found[0].id, COMMAND_LINE.model_copy(update={"tenant": found[0].tenant}), now)
    typer.echo(f"token {found[0].id} of {found[0].name!r} was revoked")


def _end(token: ApiToken, now: datetime) -> str:
    if token.revoked:
        return f"revoked {token.revoked:%Y-%m-%d}"
    return "never" if token.expires is None else f"{'' if token.holds(now) else 'ended '}{token.expires:%Y-%m-%d}"
