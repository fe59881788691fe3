"""`watchkeeper rules update`. Owns how an update is told; what it does stands in `autopilot.ruleset_update`."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer

from watchkeeper.autopilot.content_folder import LOCAL, RULES
from watchkeeper.autopilot.ruleset_update import Update, update
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.rules_check import in_words
from watchkeeper.detection import Rule
from watchkeeper.detection.sigma import Correlation
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings

_MOST_LISTED = 20


def run(archive: Path, into: Path | None, force: bool, how: str) -> None:
    """Install the zip and say what it brought."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        folder = read_settings(rules=into).rules
        done = update(archive, folder, datetime.now(UTC), force=force)
    if how == "json":
        _json(done)
    else:
        _text(done, folder)


def _text(done: Update, folder: Path) -> None:
    if not done.is_new:
        typer.echo(f"nothing changed: this very zip is installed already, as {done.now.version}; {done.rules:,} rules run")
        return
    changes = done.difference
    typer.echo(f"installed {done.now.version} in {folder}: {done.rules:,} rules run, your own in {LOCAL}/ included")
    for name, rules in (("added", changes.added), ("changed", changes.changed), ("removed", changes.removed)):
        _list(name, [f"{rule.title} ({rule.id})" for rule in rules] if done.now.previous else [], len(rules))
    _list("cannot run", [in_words(finding) for finding in done.broken], len(done.broken))
    if done.left_out:
        typer.echo(f"{done.left_out:,} files of the zip are no rules and were left out")
    typer.echo("`--rules installed` runs them; `watchkeeper rules replay --since-update --case DIR` runs what is new over a case")


def _list(name: str, lines: Sequence[str], count: int) -> None:
    typer.echo(f"{name}: {count:,}")
    for line in lines[:_MOST_LISTED]:
        typer.echo(harmless(f"  {line}"))
    if len(lines) > _MOST_LISTED:
        typer.echo(f"  and {len(lines) - _MOST_LISTED:,} more; --format json has all of them")


def _json(done: Update) -> None:
    changes = done.difference
    whole = {
        "version": done.now.version,
        "origin": done.now.kinds[RULES].file,
        "previous": done.now.previous,
        "new": done.is_new,
        "rules": done.rules,
        "added": _named(changes.added),
        "changed": _named(changes.changed),
        "removed": _named(changes.removed),
        "broken": done.broken,
        "left_out": done.left_out,
    }
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(whole)).decode() + "\n")


def _named(rules: Sequence[Rule | Correlation]) -> list[dict[str, str]]:
    return [{"id": rule.id, "title": rule.title, "level": rule.level} for rule in rules]
