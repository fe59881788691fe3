"""`watchkeeper incidents close` and `reopen`. Owns what is said; what follows from it is the autopilot's."""

import typer

from watchkeeper.cli.desks import desk_at, who
from watchkeeper.cli.where import Where


def closed(start: str, reason: tuple[str, str | None], where: Where) -> None:
    """Close an incident."""
    with desk_at(where) as desk:
        done = desk.close(start, who(where, *reason))
    typer.echo(f"closed: incident {done.standing.incident[:12]}; {-done.followed} things are no longer looked out for")


def reopened(start: str, reason: tuple[str, str | None], where: Where) -> None:
    """Open an incident again."""
    with desk_at(where) as desk:
        done = desk.reopen(start, who(where, *reason))
    left = " a verdict still holds it to be harmless;" if done.is_closed else ""
    typer.echo(f"re-opened: incident {done.standing.incident[:12]};{left} {done.followed} things are looked out for again")
