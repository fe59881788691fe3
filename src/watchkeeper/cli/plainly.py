"""What went wrong, said plainly. Owns turning it into one line and an exit code."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

import typer

from watchkeeper.model.sourceread import SourceRead


@contextmanager
def plain_errors() -> Generator[None]:
    """Turn what a person can mend into one plain line and exit code 2."""
    try:
        yield
    except (OSError, ValueError) as error:
        typer.echo(f"watchkeeper: {error}", err=True)
        raise typer.Exit(2) from error


def fail_if_lost(sources: Sequence[SourceRead]) -> None:
    """End with exit code 1 if a worker died, so that something of the evidence is not in the result."""
    lost = [source.source for source in sources if source.lost]
    if lost:
        typer.echo(f"watchkeeper: {len(lost)} of {len(sources)} files are not in the result, their workers died", err=True)
        raise typer.Exit(1)


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Give the value if it is allowed.

    Raises:
        ValueError: it is not.
    """
    if value not in allowed:
        raise ValueError(f"--{name} {value!r} is not known; choose one of {', '.join(allowed)}")
    return value
