"""`watchkeeper playbooks`. Owns names and options of its commands; what each does stands in `playbooks_told`."""

from pathlib import Path
from typing import Annotated

import typer

playbooks_app = typer.Typer(help="What is done for which kind of incident: steps, questions to people, waits.", no_args_is_help=True)

Content = Annotated[
    list[Path] | None, typer.Option("--content", help="Folder of your own playbooks; several times. Those in the state folder count too.")
]
State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")]
Lang = Annotated[str | None, typer.Option(help="Language: en or zh.")]
Name = Annotated[str, typer.Argument(help="Name of the playbook.")]


@playbooks_app.command("list")
def playbooks_list(content: Content = None, lang: Lang = None, state: State = None) -> None:
    """List playbooks in the order in which they are asked whether they are for an incident."""
    from watchkeeper.cli.playbooks_told import listed

    listed(tuple(content or ()), lang, state)


@playbooks_app.command("show")
def playbooks_show(name: Name, content: Content = None, lang: Lang = None, state: State = None) -> None:
    """Show every step of a playbook and what comes after it."""
    from watchkeeper.cli.playbooks_told import shown

    shown(name, tuple(content or ()), lang, state)


@playbooks_app.command("which")
def playbooks_which(
    case: Annotated[Path, typer.Argument(help="Folder of a case, as `watchkeeper investigate` leaves it.")],
    content: Content = None,
    state: State = None,
) -> None:
    """Say which playbook each incident of a case gets."""
    from watchkeeper.cli.playbooks_told import which

    which(case, tuple(content or ()), state)


@playbooks_app.command("check")
def playbooks_check(paths: Annotated[list[Path], typer.Argument(help="YAML files, or folders of them.")]) -> None:
    """Say whether playbooks are sound; exit code 1 if one is not."""
    from watchkeeper.cli.playbooks_told import checked

    checked(tuple(paths))


@playbooks_app.command("export")
def playbooks_export(
    name: Name,
    out: Annotated[Path | None, typer.Option(help="File to write; default: standard output.")] = None,
    content: Content = None,
    lang: Lang = None,
    state: State = None,
) -> None:
    """Write a playbook as CACAO 2.0 JSON."""
    from watchkeeper.cli.playbooks_told import exported

    exported((name, out), tuple(content or ()), lang, state)


@playbooks_app.command("import")
def playbooks_import(
    file: Annotated[Path, typer.Argument(help="A CACAO 2.0 playbook.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the YAML file; default: `playbooks` in the state folder.")] = None,
    state: State = None,
) -> None:
    """Take over a CACAO 2.0 playbook; what is not understood becomes a step for people, and nothing of it is ever run."""
    from watchkeeper.cli.playbooks_told import imported

    imported(file, out, state)
