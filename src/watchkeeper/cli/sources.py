"""`watchkeeper sources`. Owns names and options of its commands; what each does stands in the module of its name."""

from pathlib import Path
from typing import Annotated

import typer

sources_app = typer.Typer(
    help="What is read: readers, grammars and record formats, your own too, and proposals for more.", no_args_is_help=True
)

Sources = Annotated[list[Path] | None, typer.Option("--sources", help="Your own sources: a YAML file or a folder of them, several times.")]
State = Annotated[Path | None, typer.Option(help="Folder of what outlives a run; its folder `sources` holds your own sources.")]


@sources_app.command("list")
def sources_list(sources: Sources = None, state: State = None) -> None:
    """List what is read: each reader, grammar and record format, with its log source."""
    from watchkeeper.cli.asked import own_sources
    from watchkeeper.cli.sources_list import run

    run(own_sources(sources, state))


@sources_app.command("check")
def sources_check(
    file: Annotated[Path, typer.Argument(help="A YAML file that describes a source.")],
    sample: Annotated[Path | None, typer.Argument(help="A log to try it on.")] = None,
) -> None:
    """Say what is wrong with a source file, and what it reads of a sample; exit code 1 if it reads nothing of it."""
    from watchkeeper.cli.sources_check import run

    run(file, sample)


@sources_app.command("suggest")
def sources_suggest(
    evidence: Annotated[list[Path], typer.Argument(help="Files and folders; those that a reader knows are passed over.")],
    out: Annotated[Path | None, typer.Option(help="A file ending in .yml for one proposal, or a folder; default: standard output.")] = None,
    sources: Sources = None,
    state: State = None,
) -> None:
    """Propose how to read what no reader knows; exit code 1 if there is nothing to propose."""
    from watchkeeper.cli.asked import own_sources
    from watchkeeper.cli.sources_suggest import run

    run(evidence, out, own_sources(sources, state))
