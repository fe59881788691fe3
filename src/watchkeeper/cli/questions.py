"""`watchkeeper questions`. Owns names and options of its commands; what each does stands in `questions_told`."""

from typing import Annotated

import typer

from watchkeeper.cli.where import Where, placed

questions_app = typer.Typer(help="What playbooks ask people about incidents, with a deadline and a default.", no_args_is_help=True)

Lang = Annotated[str | None, typer.Option(help="Language of the questions: en or zh.")]


@questions_app.command("list")
@placed
def questions_list(
    incident: Annotated[str, typer.Option(help="Id of the incident that they are about.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what was answered, or whose time is up.")] = False,
    lang: Lang = None,
    *,
    where: Where,
) -> None:
    """List what can be answered now: the question, its choices, until when, and what is taken if nobody answers."""
    from watchkeeper.cli.questions_told import listed

    listed(incident, everything, lang, where)


@questions_app.command("answer")
@placed
def questions_answer(
    question: Annotated[str, typer.Argument(help="Id of the question, or its first characters.")],
    choice: Annotated[str, typer.Argument(help="Name of one of its choices.")],
    why: Annotated[str, typer.Option(help="Your reason, in your words.")] = "",
    by: Annotated[str | None, typer.Option(help="Your login; default: your user name.")] = None,
    *,
    where: Where,
) -> None:
    """Answer a question, as a responder; the incident goes on by it, and the audit log tells who said so."""
    from watchkeeper.cli.questions_told import answered

    answered((question, choice), (why, by), where)
