"""`watchkeeper knowledge`. Owns names and options of its commands; what each does stands in the modules named after them."""

from pathlib import Path
from typing import Annotated

import typer

knowledge_app = typer.Typer(help="What is known of attackers: ATT&CK's techniques, groups, software and campaigns.", no_args_is_help=True)

Into = Annotated[
    Path | None, typer.Option(help="Folder of installed content; default: WATCHKEEPER_RULES, else under your user data directory.")
]
Format = Annotated[str, typer.Option("--format", help="text or json.")]


@knowledge_app.command("import")
def knowledge_import(
    bundle: Annotated[Path, typer.Argument(help="MITRE's enterprise-attack.json, STIX 2.0 or 2.1, plain, gzip or zstd.")],
    version: Annotated[str, typer.Option(help="Version of ATT&CK, such as 18.1, where the bundle does not say it.")] = "",
    into: Into = None,
) -> None:
    """Install ATT&CK in the place of the one before; the same bundle again changes nothing."""
    from watchkeeper.cli.knowledge_import import run

    run(bundle, version, into)


@knowledge_app.command("show")
def knowledge_show(into: Into = None, how: Format = "text") -> None:
    """Say which ATT&CK is installed, where it is from, and what is in it."""
    from watchkeeper.cli.knowledge_show import show

    show(into, how)


@knowledge_app.command("technique")
def knowledge_technique(
    technique: Annotated[str, typer.Argument(help="Id of a technique, such as T1003.001; replaced ids lead to their successors.")],
    into: Into = None,
) -> None:
    """Say what a technique is called, which tactics it serves, and who uses it."""
    from watchkeeper.cli.knowledge_show import technique as run

    run(technique, into)


@knowledge_app.command("group")
def knowledge_group(
    name: Annotated[str, typer.Argument(help="Name, other name or id of a group, or of a campaign or software.")], into: Into = None
) -> None:
    """Say what is known of a group, a campaign or software."""
    from watchkeeper.cli.knowledge_show import group

    group(name, into)
