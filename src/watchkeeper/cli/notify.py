"""`watchkeeper notify`. Owns names and options of its commands; what each does stands in `notify_told`."""

from pathlib import Path
from typing import Annotated

import typer

notify_app = typer.Typer(
    help="Who is told of incidents, and whether messages arrive; docs/notify.md describes routes.", no_args_is_help=True
)

State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]


@notify_app.command("routes")
def notify_routes(state: State = None) -> None:
    """List the routes of notify.yml in the state folder, without their secrets."""
    from watchkeeper.cli.notify_told import listed

    listed(state)


@notify_app.command("test")
def notify_test(route: Annotated[str, typer.Argument(help="Name of a route.")], state: State = None) -> None:
    """Send a message by a route that says it is a try, and say whether it was taken."""
    from watchkeeper.cli.notify_told import tried

    tried(route, state)


@notify_app.command("messages")
def notify_messages(
    tenant: Annotated[str, typer.Option(help="Whose messages.")] = "default",
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=500)] = 50,
    state: State = None,
) -> None:
    """List what people were told, will be told or could not be told, and why."""
    from watchkeeper.cli.notify_told import kept

    kept(tenant, limit, state)
