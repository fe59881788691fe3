"""`watchkeeper questions`. Owns names and options of its commands; what each does stands in `questions_told`."""

from pathlib import Path
from typing import Annotated

import typer

questions_app = typer.Typer(help="What playbooks ask people about incidents, with a deadline and a default.", no_args_is_help=True)

State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]
Tenant = Annotated[str, typer.Option(help="Whose incidents.")]
Lang = Annotated[str | None, typer.Option(help="Language of the questions: en or zh.")]


@questions_app.command("list")
def questions_list(
    incident: Annotated[str, typer.Option(help="Id of the incident that they are about.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what was answered, or whose time is up.")] = False,
    lang: Lang = None,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """List what can be answered now: the question, its choices, until when, and what is taken if nobody answers."""
    from watchkeeper.cli.questions_told import listed

    listed(incident, everything, lang, (tenant, state))


@questions_app.command("answer")
def questions_answer(
    question: Annotated[str, typer.Argument(help="Id of the question, or its first characters.")],
    choice: Annotated[str, typer.Argument(help="Name of one of its choices.")],
    why: Annotated[str, typer.Option(help="Your reason, in your words.")] = "",
    by: Annotated[str | None, typer.Option(help="Who says so; default: your user name.")] = None,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Answer a question; the incident goes on by it, and the audit log tells who said so."""
    from watchkeeper.cli.questions_told import answered

    answered((question, choice), (why, by), (tenant, state))
