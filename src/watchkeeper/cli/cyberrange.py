"""`watchkeeper range`. Owns calling the generator."""

from pathlib import Path

import typer

from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cyberrange import SCENARIOS, generate


def run(scenario: str, seed: int, later: int, out: Path) -> None:
    """Generate evidence, assets and ground truth."""
    with plain_errors():
        generate(one_of("scenario", scenario, SCENARIOS), seed, out, later=later)
    typer.echo(f"synthetic evidence: {out / 'evidence'} (what really happened: {out / 'truth'})")


def scenarios() -> None:
    """List the scenarios."""
    for name in SCENARIOS:
        typer.echo(name)
