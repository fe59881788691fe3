"""`watchkeeper incidents`. Owns names and options of its commands; what each does stands in the module of its name."""

from typing import Annotated

import typer

from watchkeeper.cli.where import Where, placed

incidents_app = typer.Typer(help="List incidents of earlier runs, with what people said about them; merge, split and close them.")

Incident = Annotated[str, typer.Argument(help="Id of an incident, or its first characters.")]
Why = Annotated[str, typer.Option(help="Your reason, in your words.")]
By = Annotated[str | None, typer.Option(help="Who does it; default: your user name.")]
WhatIf = Annotated[bool, typer.Option("--what-if", help="Say what it would change, and keep nothing.")]


@incidents_app.callback(invoke_without_command=True)
@placed
def incidents_listed(context: typer.Context, where: Where) -> None:
    """List incidents of earlier runs, with what people said about them; merge, split and close them."""
    if context.invoked_subcommand is None:
        from watchkeeper.cli.incidents_list import run

        run(where)


@incidents_app.command("list")
@placed
def incidents_narrowed(
    status: Annotated[str, typer.Option(help="open, re-opened or closed.")] = "",
    level: Annotated[str, typer.Option(help="This severity or a higher one.")] = "",
    host: Annotated[str, typer.Option(help="A host that it is about.")] = "",
    user: Annotated[str, typer.Option(help="A user who acted in it.")] = "",
    technique: Annotated[str, typer.Option(help="An ATT&CK technique of it, or the parent of one.")] = "",
    text: Annotated[str, typer.Option(help="Stands in its title, hosts, users or the titles of its rules.")] = "",
    sort: Annotated[str, typer.Option(help="newest or score: which come first.")] = "newest",
    *,
    where: Where,
) -> None:
    """List incidents that fit."""
    from watchkeeper.cli.incidents_list import narrowed

    asked = {"status": status, "level": level, "host": host, "user": user, "technique": technique, "text": text, "sort": sort}
    narrowed(asked, where)


@incidents_app.command("show")
@placed
def incidents_show(
    incident: Incident,
    lang: Annotated[str | None, typer.Option(help="Language: en or zh.")] = None,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",  # noqa: A002 -- the option's name
    *,
    where: Where,
) -> None:
    """Say how an incident stands, and answer the four questions about it."""
    from watchkeeper.cli.incidents_show import run

    run(incident, lang, format, where)


@incidents_app.command("merge")
@placed
def incidents_merge(
    into: Incident,
    other: Annotated[str, typer.Argument(help="Id of the incident that becomes part of it.")],
    why: Why,
    by: By = None,
    what_if: WhatIf = False,
    *,
    where: Where,
) -> None:
    """Make two incidents one; `unmerge` takes it back."""
    from watchkeeper.cli.incidents_edit import merged

    merged(into, other, (why, by), what_if, where)


@incidents_app.command("unmerge")
@placed
def incidents_unmerge(incident: Incident, what_if: WhatIf = False, *, where: Where) -> None:
    """Take back the last merge that an incident took part in."""
    from watchkeeper.cli.incidents_edit import undone

    undone("merge", incident, what_if, where)


@incidents_app.command("split")
@placed
def incidents_split(
    incident: Incident,
    why: Why,
    fold: Annotated[list[str] | None, typer.Option(help="Id of a fold to split off, or its first characters; several times.")] = None,
    host: Annotated[str, typer.Option(help="Split off every fold of this host.")] = "",
    by: By = None,
    what_if: WhatIf = False,
    *,
    where: Where,
) -> None:
    """Make some folds of an incident one of their own; `unsplit` takes it back."""
    from watchkeeper.cli.incidents_edit import divided

    divided(incident, (fold or [], host), (why, by), what_if, where)


@incidents_app.command("unsplit")
@placed
def incidents_unsplit(incident: Incident, what_if: WhatIf = False, *, where: Where) -> None:
    """Take back the last split that an incident took part in."""
    from watchkeeper.cli.incidents_edit import undone

    undone("split", incident, what_if, where)


@incidents_app.command("close")
@placed
def incidents_close(incident: Incident, why: Why, by: By = None, *, where: Where) -> None:
    """Close an incident that is dealt with: what is the attacker's is not looked out for any more; `reopen` takes it back."""
    from watchkeeper.cli.incidents_close import closed

    closed(incident, (why, by), where)


@incidents_app.command("reopen")
@placed
def incidents_reopen(incident: Incident, why: Why, by: By = None, *, where: Where) -> None:
    """Open an incident again that was closed."""
    from watchkeeper.cli.incidents_close import reopened

    reopened(incident, (why, by), where)
