"""`watchkeeper detect`. Owns asking for the signals; the forms they are written in stand in `signals`."""

from dataclasses import replace

import typer

from watchkeeper.autopilot import Options, examine
from watchkeeper.cli.plainly import fail_if_lost, one_of, plain_errors
from watchkeeper.cli.progress import shown_progress
from watchkeeper.cli.signals import FORMATS, say_skipped, write_signals
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings


def run(options: Options, how: str) -> None:
    """Detect and write every signal in time order to standard output; what was skipped goes to standard error."""
    with plain_errors():
        one_of("format", how, FORMATS)
        with shown_progress(options.paths) as progress:
            examined = examine(replace(options, progress=progress, content=read_settings().rules))
    write_signals(examined.correlated.signals, how)
    say_skipped(examined.sources)
    for problem in (*examined.rules.problems, *examined.unraised):
        typer.echo(harmless(problem), err=True)
    fail_if_lost(examined.sources)
