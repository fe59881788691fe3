"""`watchkeeper trace`. Owns writing a walk; walking is the autopilot's."""

from pathlib import Path

import typer

from watchkeeper.autopilot.trace_by_hand import trace_by_hand
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.reporting.tree import drawn, tree
from watchkeeper.settings import read_settings
from watchkeeper.tracing.walking import Bounds


def run(what: str, where: Path, ways: tuple[bool, bool], bounds: tuple[int, int], how: str, lang: str | None) -> None:
    """Follow something back and forward, both if neither is asked for, and write what was found."""
    with plain_errors():
        one_of("format", how, ("text", "json", "svg"))
        language = read_settings(language=lang).language
        back, forward = ways if any(ways) else (True, True)
        walk = trace_by_hand(where, what, Bounds(*bounds), back=back, forward=forward)
    match how:
        case "json":
            typer.echo(walk.model_dump_json(indent=1))
        case "svg":
            typer.echo(str(drawn(walk, language)))
        case _:
            for line in tree(walk, language):
                typer.echo(line)
