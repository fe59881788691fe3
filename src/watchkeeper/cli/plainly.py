"""Errors a person can mend, said plainly. Owns turning them into one line and exit code 2."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

import typer


@contextmanager
def plain_errors() -> Generator[None]:
    """Turn what a person can mend into one plain line and exit code 2."""
    try:
        yield
    except (OSError, ValueError) as error:
        typer.echo(f"watchkeeper: {error}", err=True)
        raise typer.Exit(2) from error


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Give the value if it is allowed.

    Raises:
        ValueError: it is not.
    """
    if value not in allowed:
        raise ValueError(f"--{name} {value!r} is not known; choose one of {', '.join(allowed)}")
    return value
