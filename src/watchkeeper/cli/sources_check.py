"""`watchkeeper sources check`. Owns what is said of a source file; reading it and trying it on a sample are `ingest`'s."""

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.plainly import plain_errors
from watchkeeper.ingest.grammar import Grammar
from watchkeeper.ingest.own_sources import read_source
from watchkeeper.ingest.suggest.sample import sampled_file
from watchkeeper.ingest.trial import Trial, commonest, tried
from watchkeeper.reporting.harmless import harmless, shown

_MOST_FIELDS = 200
_MAX_CHARS = 60


def run(file: Path, sample: Path | None) -> None:
    """Check a file; exit code 2 if it is wrong, 1 if it reads nothing of the sample."""
    with plain_errors():
        source = read_source(file)
        kind = "grammar" if isinstance(source, Grammar) else "record format"
        service = f"/{source.service}" if source.service else ""
        typer.echo(harmless(f"{file.name}: a {kind} that can be used; its events are of {source.product}{service}"))
        if sample is None:
            return
        trial = tried(source, sampled_file(sample, as_lines=isinstance(source, Grammar)))
    _say(Console(markup=False), trial)
    if not trial.read:
        raise typer.Exit(1)


def _say(console: Console, trial: Trial) -> None:
    console.print(
        f"{trial.read:,} of {trial.records:,} records of the sample read ({trial.share:.1%}), {trial.timed:,} with a time, "
        f"{trial.hosts:,} with a host",
        highlight=False,
    )
    if trial.read == 0:
        return
    table = Table("Field", "In", "Examples", box=None, pad_edge=False)
    for name, found in commonest(trial, _MOST_FIELDS):
        table.add_row(harmless(name), f"{found.count / trial.read:.0%}", " | ".join(shown(one, _MAX_CHARS) for one in found.examples))
    console.print(table)
