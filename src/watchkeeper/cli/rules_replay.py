"""`watchkeeper rules replay`. Owns which rules are meant and what is said beside the signals; the run is the autopilot's."""

from pathlib import Path

import typer

from watchkeeper.autopilot.choice import Choice
from watchkeeper.autopilot.replay import Replayed, replay
from watchkeeper.autopilot.ruleset_update import since_update
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.signals import FORMATS, write_signals
from watchkeeper.detection import RuleSet
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings


def run(case: Path, chosen: Choice, only_new: bool, into: Path | None, how: str) -> None:
    """Write the new signals to standard output, and what they were looked for in to standard error."""
    with plain_errors():
        one_of("format", how, FORMATS)
        ruleset, only = _meant(chosen, only_new, into)
        done = replay(case, ruleset, only, chosen.sources())
    write_signals(done.signals, how)
    _say(done, len(ruleset.rules) + len(ruleset.correlations) if only is None else len(only))
    for problem in (*ruleset.problems, *done.problems):
        typer.echo(harmless(problem), err=True)


def _meant(chosen: Choice, only_new: bool, into: Path | None) -> tuple[RuleSet, frozenset[str] | None]:
    """Give the rules to run and, if not all of them are meant, whose signals are.

    Raises:
        OSError: the rules are not there.
        ValueError: it cannot be told which rules are meant.
    """
    if chosen.paths and only_new:
        raise ValueError("--rules and --since-update exclude each other; --since-update is about the installed rules")
    if only_new:
        ruleset, difference = since_update(read_settings(rules=into).rules, chosen.load)
        return ruleset, difference.fresh
    if not chosen.paths:
        raise ValueError("say which rules: --rules PATH, --rules installed, or --since-update")
    return chosen.ruleset(), None


def _say(done: Replayed, rules: int) -> None:
    kept = f"{done.events:,} kept events" + ("" if done.read is None else f" of the {done.read:,} that were read")
    typer.echo(f"{done.signals.num_rows:,} new signals of {rules:,} rules in {kept}; {done.known:,} the case has already", err=True)
    if done.read is not None and done.events < done.read:
        typer.echo("what the case does not keep was not looked at; `watchkeeper investigate --keep all` keeps every event", err=True)
