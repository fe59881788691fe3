"""`watchkeeper rules check`. Owns how findings are written; what is looked for stands in `detection.review`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typer

from watchkeeper.cli.asked import choice
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.detection.review import SEVERITIES, Finding, Review, review
from watchkeeper.reporting.harmless import harmless


def run(rules: Sequence[Path], placeholders: Path | None, log_sources: Path | None, how: str) -> None:
    """Write every finding and the counts; exit code 1 if a rule cannot run."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        chosen = choice(rules, placeholders, log_sources)
        found = review(chosen.paths, chosen.ruleset(), chosen.sources())
    if how == "json":
        _json(found)
    else:
        _text(found)
    if found.count("error"):
        raise typer.Exit(1)


def _text(found: Review) -> None:
    for finding in found.findings:
        typer.echo(harmless(in_words(finding)))
    counts = ", ".join(f"{found.count(severity):,} {severity}s" for severity in SEVERITIES)
    typer.echo(f"{found.rules:,} rules looked at, {found.rules - found.broken:,} run: {counts}")


def in_words(finding: Finding) -> str:
    """Write a finding as one line: where, how grave, what, and what to do."""
    place = finding.path + (f":{finding.line}" if finding.line else "")
    return f"{place}{': ' if place else ''}{finding.severity}: {finding.what}; {finding.mend}"


def _json(found: Review) -> None:
    counts = {severity: found.count(severity) for severity in SEVERITIES}
    whole = {"rules": found.rules, "run": found.rules - found.broken, "counts": counts, "findings": found.findings}
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(whole)).decode() + "\n")
