"""`watchkeeper watch`. Owns names and options of its commands; what each does stands in the module of its name."""

from typing import Annotated

import typer

from watchkeeper.cli.where import Where, placed

watch_app = typer.Typer(
    help="What of attackers is looked out for in new and past telemetry, until its incident is closed.", no_args_is_help=True
)

Incident = Annotated[str, typer.Option(help="Id of an incident, or its first characters.")]
Why = Annotated[str, typer.Option(help="Your reason, in your words.")]
By = Annotated[str | None, typer.Option(help="Who does it; default: your user name.")]
Lang = Annotated[str | None, typer.Option(help="Language of the reasons: en or zh.")]


@watch_app.command("list")
@placed
def watch_list(
    incident: Incident = "",
    everything: Annotated[bool, typer.Option("--all", help="Also what was taken off, has expired, or is of a closed incident.")] = False,
    lang: Lang = None,
    *,
    where: Where,
) -> None:
    """List what is looked out for, because of which incident, why, since when and until when."""
    from watchkeeper.cli.watch_list import run

    run(incident, everything, lang, where)


@watch_app.command("add")
@placed
def watch_add(
    kind: Annotated[str, typer.Argument(help="address, domain, url, hash, mailbox, file, user, account, service, task or fingerprint.")],
    value: Annotated[str, typer.Argument(help="What to look out for; `hxxp` and `[.]` are undone.")],
    incident: Incident,
    why: Why,
    by: By = None,
    level: Annotated[str, typer.Option(help="Level of its signals: low re-opens nothing.")] = "high",
    days: Annotated[int | None, typer.Option(help="How long; default: WATCHKEEPER_WATCH_DAYS, else 90.", min=1, max=3_660)] = None,
    *,
    where: Where,
) -> None:
    """Look out for something because of an incident, and say which earlier cases had seen it."""
    from watchkeeper.cli.watch_edit import added

    added((kind, value, level), incident, (why, by), days, where)


@watch_app.command("remove")
@placed
def watch_remove(
    watch: Annotated[str, typer.Argument(help="Id of what is looked out for, or its first characters.")],
    why: Why,
    by: By = None,
    *,
    where: Where,
) -> None:
    """Stop looking out for something; it stays on record with who and why, and does not come back by itself."""
    from watchkeeper.cli.watch_edit import removed

    removed(watch, (why, by), where)
