"""`watchkeeper incidents`. Owns names and options of its commands; what each does stands in the module of its name."""

from pathlib import Path
from typing import Annotated

import typer

incidents_app = typer.Typer(help="List incidents of earlier runs, with what people said about them; merge, split and close them.")

State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]
Incident = Annotated[str, typer.Argument(help="Id of an incident, or its first characters.")]
Why = Annotated[str, typer.Option(help="Your reason, in your words.")]
By = Annotated[str | None, typer.Option(help="Who does it; default: your user name.")]
WhatIf = Annotated[bool, typer.Option("--what-if", help="Say what it would change, and keep nothing.")]


@incidents_app.callback(invoke_without_command=True)
def incidents_listed(context: typer.Context, state: State = None) -> None:
    """List incidents of earlier runs, with what people said about them; merge, split and close them."""
    if context.invoked_subcommand is None:
        from watchkeeper.cli.incidents_list import run

        run(state)


@incidents_app.command("merge")
def incidents_merge(
    into: Incident,
    other: Annotated[str, typer.Argument(help="Id of the incident that becomes part of it.")],
    why: Why,
    by: By = None,
    what_if: WhatIf = False,
    state: State = None,
) -> None:
    """Make two incidents one; `unmerge` takes it back."""
    from watchkeeper.cli.incidents_edit import merged

    merged(into, other, (why, by), state, what_if)


@incidents_app.command("unmerge")
def incidents_unmerge(incident: Incident, what_if: WhatIf = False, state: State = None) -> None:
    """Take back the last merge that an incident took part in."""
    from watchkeeper.cli.incidents_edit import undone

    undone("merge", incident, state, what_if)


@incidents_app.command("split")
def incidents_split(
    incident: Incident,
    why: Why,
    fold: Annotated[list[str] | None, typer.Option(help="Id of a fold to split off, or its first characters; several times.")] = None,
    host: Annotated[str, typer.Option(help="Split off every fold of this host.")] = "",
    by: By = None,
    what_if: WhatIf = False,
    state: State = None,
) -> None:
    """Make some folds of an incident one of their own; `unsplit` takes it back."""
    from watchkeeper.cli.incidents_edit import divided

    divided(incident, (fold or [], host), (why, by), state, what_if)


@incidents_app.command("unsplit")
def incidents_unsplit(incident: Incident, what_if: WhatIf = False, state: State = None) -> None:
    """Take back the last split that an incident took part in."""
    from watchkeeper.cli.incidents_edit import undone

    undone("split", incident, state, what_if)


@incidents_app.command("close")
def incidents_close(incident: Incident, why: Why, by: By = None, state: State = None) -> None:
    """Close an incident that is dealt with: what is the attacker's is not looked out for any more; `reopen` takes it back."""
    from watchkeeper.cli.incidents_close import closed

    closed(incident, (why, by), state)


@incidents_app.command("reopen")
def incidents_reopen(incident: Incident, why: Why, by: By = None, state: State = None) -> None:
    """Open an incident again that was closed."""
    from watchkeeper.cli.incidents_close import reopened

    reopened(incident, (why, by), state)
