"""`watchkeeper rules redetect` and `intel redetect`. Owns what is meant and what is said; looking again is the autopilot's."""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from watchkeeper.autopilot.backwards import chosen
from watchkeeper.autopilot.gathering import detector_of, rules_of
from watchkeeper.autopilot.intelligence import known_of
from watchkeeper.autopilot.late import Asked, Late, Told, look_again, since_of
from watchkeeper.autopilot.options import Options
from watchkeeper.cli.asked import rule_paths
from watchkeeper.cli.intel_import import intel_folder
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.signals import FORMATS, write_signals
from watchkeeper.detection import Detector
from watchkeeper.detection.intel.matching import Matcher
from watchkeeper.model.principal import DEFAULT_TENANT
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person says of the events that are meant, and of the answer."""

    since: str
    tenant: str | None
    state: Path | None
    how: str
    dry_run: bool


def rules_again(
    wish: Wish, rules: Sequence[Path] | None, placeholders: Path | None, log_sources: tuple[Path, ...], *, own_rules: bool
) -> None:
    """Run rules over kept events."""
    with plain_errors():
        if not rules and not own_rules:
            raise ValueError("say which rules: --rules PATH, --rules installed, or --own-rules")
        options = Options((), rule_paths(rules), own_rules, placeholders=placeholders, log_sources=log_sources)
        ruleset = rules_of(options)
        late = _looked(wish, detector_of(ruleset, options))
    _say(wish, late, f"{len(ruleset.rules) + len(ruleset.correlations):,} rules", ruleset.problems)


def intel_again(wish: Wish, only: tuple[str, int | None], watchlists: Path | None, assets: Path | None) -> None:
    """Match indicators with kept events; only those of a source, or imported in so many days, if these are given."""
    source, days = only
    with plain_errors():
        known = known_of(Options((), own_rules=False, assets=assets, intel=intel_folder(wish.state), watchlists=watchlists))
        since = datetime.now(UTC) - timedelta(days=days) if days else None
        narrowed = tuple(one if one.always else chosen(one, source, since) for one in known)
        count = sum(one.lookup.indicators.num_rows for one in narrowed)
        if not count:
            raise ValueError("no such indicators are installed; `watchkeeper intel import FILE` imports them, `intel list` shows them")
        late = _looked(wish, Detector(rules_of(Options((), own_rules=False)), intel=Matcher(narrowed)))
    _say(wish, late, f"{count:,} indicators", ())


def _looked(wish: Wish, detector: Detector) -> Late:
    one_of("format", wish.how, FORMATS)
    settings, now = read_settings(wish.state), datetime.now(UTC)
    asked = Asked(settings.state, settings.store, wish.tenant or DEFAULT_TENANT, since_of(wish.since, now), now, wish.dry_run)
    with _drawn() as told:
        return look_again(asked, detector, told)


@contextmanager
def _drawn() -> Generator[Told]:
    """Give who is told how far it is; on a terminal it draws on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal or not sys.stderr.isatty():
        yield lambda _, __, ___: None
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("Events")
        yield lambda day, done, total: bar.update(task, description=f"Events of {day:%Y-%m-%d}", completed=done, total=total)


def _say(wish: Wish, late: Late, what: str, problems: Sequence[str]) -> None:
    found = late.found
    write_signals(found.signals, wish.how)
    count = found.signals.num_rows
    typer.echo(f"{count:,} new signals of {what} in {found.events:,} kept events; {found.known:,} were found before", err=True)
    if found.beyond:
        typer.echo(
            f"{found.beyond:,} older ones are left out, since there are too many: they can be asked for with narrower rules", err=True
        )
    if late.unknown:
        typer.echo(f"of {late.unknown:,} signals of incidents it is not kept which they were; some may be among the new ones", err=True)
    if late.damaged:
        typer.echo(f"{late.damaged:,} damaged entries of the journal could not be read; what they held may be among the new ones", err=True)
    if wish.dry_run:
        typer.echo("a dry run: no incidents are made of them", err=True)
    elif count:
        typer.echo("they are handed on: `watchkeeper serve` makes incidents of them within seconds, or when it is started next", err=True)
    for problem in (*problems, *found.problems, *late.unraised):
        typer.echo(harmless(problem), err=True)
