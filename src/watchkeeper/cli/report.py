"""`watchkeeper report`. Owns names and options of its commands; what each does stands in `report_write`."""

from pathlib import Path
from typing import Annotated

import typer

report_app = typer.Typer(help="Write reports: an incident, a shift's hand-over, a week's posture.", no_args_is_help=True)

State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]
Tenant = Annotated[str, typer.Option(help="Whose.")]
Lang = Annotated[str | None, typer.Option(help="Language: en or zh.")]
Out = Annotated[Path | None, typer.Option(help="File to write; default: standard output.")]
Until = Annotated[str, typer.Option(help="When it ends, such as 2026-03-04T09:00:00Z; default: now.")]


@report_app.command("incident")
def report_incident(
    incident: Annotated[str, typer.Argument(help="Id of an incident, or its first characters.")],
    format: Annotated[str, typer.Option(help="html, md or json.")] = "html",  # noqa: A002 -- the option's name
    out: Out = None,
    lang: Lang = None,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Write an incident down as people see it now, with what was done."""
    from watchkeeper.cli.report_write import incident as write

    write(incident, format, out, lang, (state, tenant))


@report_app.command("shift")
def report_shift(
    hours: Annotated[float, typer.Option(help="How long the shift was.", min=0.1, max=168)] = 8,
    until: Until = "",
    format: Annotated[str, typer.Option(help="html, md, csv or json.")] = "html",  # noqa: A002 -- the option's name
    out: Out = None,
    lang: Lang = None,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Write what one who takes over has to know: open incidents, actions in force, waiting, failed and ending soon."""
    from watchkeeper.cli.report_write import shift_report

    shift_report((hours, until), format, out, lang, (state, tenant))


@report_app.command("week")
def report_week(
    until: Until = "",
    format: Annotated[str, typer.Option(help="html, md, csv or json.")] = "html",  # noqa: A002 -- the option's name
    out: Out = None,
    lang: Lang = None,
    tenant: Tenant = "default",
    state: State = None,
) -> None:
    """Write how seven days went beside the seven before: for the management first, every number with how it was computed."""
    from watchkeeper.cli.report_write import week

    week(until, format, out, lang, (state, tenant))
