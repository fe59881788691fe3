"""`watchkeeper exercise`. Owns names and options of its commands; what each does stands in `exercise_run`."""

from pathlib import Path
from typing import Annotated

import typer

exercise_app = typer.Typer(
    help="Exercises of red against blue: declare, score, report. Nothing is suppressed for one.", no_args_is_help=True
)

State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]
Tenant = Annotated[str, typer.Option(help="Whose.")]
Called = Annotated[str, typer.Argument(help="Name of the exercise, or the first characters of its id.")]
Why = Annotated[str, typer.Option(help="Your reason, in your words.")]
By = Annotated[str | None, typer.Option(help="Who does it; default: your user name.")]


@exercise_app.command("declare")
def exercise_declare(
    file: Annotated[Path, typer.Argument(help="YAML with name, attackers, scope, windows and plan; docs/exercises.md shows one.")],
    why: Why,
    by: By = None,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Declare an exercise: who attacks, from where, with what, when, and what they will do."""
    from watchkeeper.cli.exercise_run import declared

    declared(file, (why, by), (state, tenant))


@exercise_app.command("list")
def exercise_list(tenant: Tenant = "default", state: State = None) -> None:
    """List every exercise that was declared."""
    from watchkeeper.cli.exercise_run import listed

    listed((state, tenant))


@exercise_app.command("score")
def exercise_score(
    exercise: Called,
    format: Annotated[str, typer.Option(help="text or json.")] = "text",  # noqa: A002 -- the option's name
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Score each step of the plan: seen, in an incident, verdict right, blocked, reported, with the evidence."""
    from watchkeeper.cli.exercise_run import scores

    scores(exercise, format, (state, tenant))


@exercise_app.command("report")
def exercise_report(
    exercise: Called,
    format: Annotated[str, typer.Option(help="html, md or json.")] = "html",  # noqa: A002 -- the option's name
    out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None,
    lang: Annotated[str | None, typer.Option(help="Language: en or zh.")] = None,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Write the final report of an exercise."""
    from watchkeeper.cli.exercise_run import reported

    reported(exercise, format, out, lang, (state, tenant))


@exercise_app.command("end")
def exercise_end(exercise: Called, why: Why, by: By = None, tenant: Tenant = "default", state: State = None) -> None:
    """End an exercise now: whatever comes later is no part of it."""
    from watchkeeper.cli.exercise_run import ended

    ended(exercise, (why, by), (state, tenant))
