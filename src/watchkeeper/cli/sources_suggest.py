"""`watchkeeper sources suggest`. Owns where proposals are written; making them is `ingest.suggest`'s."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import typer

from watchkeeper.cli.plainly import plain_errors
from watchkeeper.ingest.suggest import Proposal, propose, samples
from watchkeeper.reporting.harmless import harmless


def run(evidence: Sequence[Path], out: Path | None, own: tuple[Path, ...]) -> None:
    """Write a proposal for each source that nobody knows, and say what it reads; exit code 1 if there is none."""
    with plain_errors():
        found: list[Proposal] = []
        for sample in samples(evidence, own):
            proposal = propose(sample)
            if proposal is None:
                typer.echo(harmless(f"{sample.source}: nothing that its records could be recognised by"), err=True)
            else:
                found.append(proposal)
        files = _placed(found, out)
        for proposal, file in zip(found, files, strict=True):
            _write(proposal, file)
    if not found:
        typer.echo("nothing to propose: a reader knows every file, or what is left has nothing in common", err=True)
        raise typer.Exit(1)


def _placed(found: Sequence[Proposal], out: Path | None) -> list[Path | None]:
    """Give the file of each proposal.

    Raises:
        ValueError: there are several, and one file for them.
    """
    if out is None:
        return [None] * len(found)
    if out.suffix not in {".yml", ".yaml"}:
        return [out / f"{name}.yml" for name in _names(found)]
    if len(found) > 1:
        raise ValueError(f"{len(found)} sources are proposed, and {str(out)!r} is one file; give a folder with --out")
    return [out] * len(found)


def _names(found: Sequence[Proposal]) -> list[str]:
    """Give each proposal a name of its own."""
    given: list[str] = []
    for proposal in found:
        numbered = (f"{proposal.name}_{number}" if number > 1 else proposal.name for number in count(1))
        given.append(next(name for name in numbered if name not in given))
    return given


def _write(proposal: Proposal, file: Path | None) -> None:
    said = harmless(f"{proposal.source}: {proposal.trial.share:.1%} of {proposal.trial.records:,} records read by {proposal.name!r}")
    typer.echo(said if file is None else f"{said}, in {file}", err=True)
    if file is None:
        typer.echo(f"---\n{proposal.text}")
        return
    if file.exists():
        raise ValueError(f"{str(file)!r} is there already; remove it or name another with --out")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(proposal.named(file.stem), "utf-8")
