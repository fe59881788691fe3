"""What a person asked for on the command line, checked. Owns turning options into `Options` and errors into exit code 2."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from watchkeeper.autopilot import Options


def options(
    evidence: Sequence[Path],
    rules: Sequence[Path] | None,
    own_rules: bool,
    assets: Path | None,
    mapping: str | None,
    batch_rows: int,
) -> Options:
    """Bundle the options that `investigate` and `detect` share."""
    return Options(
        paths=tuple(evidence), rules=tuple(rules or ()), own_rules=own_rules, assets=assets, mapping=mapping, batch_rows=batch_rows
    )


@contextmanager
def plain_errors() -> Iterator[None]:
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
