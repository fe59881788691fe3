"""`watchkeeper suppressions`. Owns names and options of its commands; what each does stands in the module of its name."""

from typing import Annotated

import typer

from watchkeeper.cli.where import Where, placed

suppressions_app = typer.Typer(help="What is not worth a look for a while: with owner, reason and an end.", no_args_is_help=True)


@suppressions_app.command("add")
@placed
def suppressions_add(
    owner: Annotated[str, typer.Option(help="Who answers for it.")],
    why: Annotated[str, typer.Option(help="The reason.")],
    rule: Annotated[str, typer.Option(help="Id or title of the rule; default: every rule below level high.")] = "",
    having: Annotated[
        list[str] | None,
        typer.Option("--where", help="What a signal must have besides, as NAME=VALUE: host, user, an entity or a field; several times."),
    ] = None,
    days: Annotated[int, typer.Option(help="How long it lasts; 366 at most.")] = 30,
    what_if: Annotated[bool, typer.Option("--what-if", help="Say what it would have hidden in earlier cases, and keep nothing.")] = False,
    *,
    where: Where,
) -> None:
    """Make signals worth nothing for a while; none is deleted, and what people judged an attack is never hidden."""
    from watchkeeper.cli.suppressions_add import run

    run((rule, having or [], owner, why, days), what_if, where)


@suppressions_app.command("list")
@placed
def suppressions_list(*, where: Where) -> None:
    """List every suppression, and which have ended."""
    from watchkeeper.cli.suppressions_list import run

    run(where)


@suppressions_app.command("end")
@placed
def suppressions_end(
    suppression: Annotated[str, typer.Argument(help="Id of the suppression, or its first characters.")], *, where: Where
) -> None:
    """End a suppression now."""
    from watchkeeper.cli.suppressions_list import end

    end(suppression, where)
