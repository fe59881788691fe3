"""`watchkeeper audit`. Owns names and options of its commands; what each does stands in `audit_verify`."""

from pathlib import Path
from typing import Annotated

import typer

audit_app = typer.Typer(help="What was done and by whom: to read, and to prove that nothing of it was changed.", no_args_is_help=True)

State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]


@audit_app.command("verify")
def audit_verify(
    head: Annotated[
        str | None, typer.Option(help="An end of the log that you kept, as `watchkeeper audit head` gave it: NUMBER:HASH.")
    ] = None,
    state: State = None,
) -> None:
    """Say whether the log is whole, or the first entry that is not as it was; exit code 1 if it is not."""
    from watchkeeper.cli.audit_verify import verify

    verify(head, state)


@audit_app.command("list")
def audit_list(
    tenant: Annotated[str, typer.Option(help="Only entries of this tenant; default: all.")] = "*",
    limit: Annotated[int, typer.Option(help="Entries at most, the newest first.", min=1, max=100_000)] = 50,
    format: Annotated[str, typer.Option(help="table or jsonl.")] = "table",  # noqa: A002 -- the option's name
    state: State = None,
) -> None:
    """List what was done, the newest first."""
    from watchkeeper.cli.audit_verify import listed

    listed(tenant, limit, format, state)


@audit_app.command("head")
def audit_head(state: State = None) -> None:
    """Write the end of the log as NUMBER:HASH, to keep where nobody who can write the database can."""
    from watchkeeper.cli.audit_verify import head

    head(state)


@audit_app.command("accept")
def audit_accept(why: Annotated[str, typer.Option(help="Why it is otherwise, such as a restored backup.")], state: State = None) -> None:
    """Take the log as it is now for whole, after you found out why it is not; that you did is its next entry."""
    from watchkeeper.cli.audit_verify import accept

    accept(why, state)
