"""`watchkeeper brake`. Owns names and options of its commands; what each does stands in `brake_set`."""

from typing import Annotated

import typer

from watchkeeper.cli.where import Where, placed

brake_app = typer.Typer(help="Stop every action at once, whatever else is allowed; or let everything be decided and nothing be done.")

Why = Annotated[str, typer.Option(help="Your reason, in your words.")]
By = Annotated[str | None, typer.Option(help="Your login; default: your user name.")]
Every = Annotated[bool, typer.Option("--every-tenant", help="For every tenant, not for one.")]
Lang = Annotated[str | None, typer.Option(help="Language: en or zh.")]


@brake_app.callback(invoke_without_command=True)
@placed
def brake_told(context: typer.Context, lang: Lang = None, *, where: Where) -> None:
    """Say whether a brake is on."""
    if context.invoked_subcommand is None:
        from watchkeeper.cli.brake_set import told

        told(lang, where)


@brake_app.command("on")
@placed
def brake_on(why: Why, by: By = None, every: Every = False, lang: Lang = None, *, where: Where) -> None:
    """Let nothing be done any more; what is in force stays, and can be taken back."""
    from watchkeeper.cli.brake_set import pulled

    pulled((why, by), lang, where, every=every)


@brake_app.command("off")
@placed
def brake_off(why: Why, by: By = None, every: Every = False, lang: Lang = None, *, where: Where) -> None:
    """Release the brake and end a dry run, as an admin."""
    from watchkeeper.cli.brake_set import released

    released((why, by), lang, where, every=every)


@brake_app.command("dry-run")
@placed
def brake_dry_run(why: Why, by: By = None, every: Every = False, lang: Lang = None, *, where: Where) -> None:
    """Decide everything and write it down as usual, and do nothing."""
    from watchkeeper.cli.brake_set import rehearsed

    rehearsed((why, by), lang, where, every=every)
