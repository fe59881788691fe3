"""Exercises on the command line. Owns how they are told on a terminal; what counts for one stands in `autopilot.exercise`."""

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.acted import acted
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.exercise.declaring import LARGEST, called, declare, end, read
from watchkeeper.autopilot.exercise.scoring import score
from watchkeeper.cli.opened import opened
from watchkeeper.cli.plainly import one_of
from watchkeeper.cli.report_write import Whose, reading, written
from watchkeeper.model.audit import Happened
from watchkeeper.model.exercise import POINTS, Scored, StepScore
from watchkeeper.reporting.documents import as_json
from watchkeeper.reporting.exercise_report import EXERCISED, totals
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings


def declared(file: Path, said: tuple[str, str | None], whose: Whose) -> None:
    """Keep an exercise, with its entry in the audit log."""
    who = _who(said)
    with opened(*whose) as (store, people):
        with file.open("rb") as text:
            told = read(text.read(LARGEST + 1))
        made = declare(store.noting(people.audit, _happened(who, whose, "exercise declared", told.name)), told, who)
    typer.echo(harmless(f"exercise {made.id[:12]} ({made.name}) is declared; attackers are detected and handled as always"))


def ended(start: str, said: tuple[str, str | None], whose: Whose) -> None:
    """End an exercise, with its entry in the audit log."""
    who = _who(said)
    with opened(*whose) as (store, people):
        name = called(store, start).name
        end(store.noting(people.audit, _happened(who, whose, "exercise ended", name)), start, who)
    typer.echo(harmless(f"exercise {name} is over; whatever comes from now on is real"))


def listed(whose: Whose) -> None:
    """List every exercise."""
    table = Table("Id", "Name", "From", "Until", "Steps", "Declared by", "Ended", box=None, pad_edge=False)
    with opened(*whose) as (store, _):
        for one in store.exercises():
            since, until = min(window.since for window in one.windows), max(window.until for window in one.windows)
            over = f"{one.ended:%Y-%m-%d %H:%M} {one.ended_by}" if one.ended else ""
            row = (one.id[:12], one.name, f"{since:%Y-%m-%d %H:%M}", f"{until:%Y-%m-%d %H:%M}", str(len(one.plan)), one.made_by, over)
            table.add_row(*map(harmless, row))
    Console(markup=False).print(table if table.row_count else "no exercise was declared; `watchkeeper exercise declare FILE` does")


def scores(start: str, how: str, whose: Whose) -> None:
    """Say how each step went."""
    found = _scored(start, how, ("text", "json"), whose)
    if how == "json":
        sys.stdout.write(as_json(found))
        return
    table = Table("#", "Step", "Technique", "Target", "Seen", "Incident", "Verdict", "Blocked", "Told", "Points", box=None, pad_edge=False)
    for one in found.steps:
        table.add_row(*map(harmless, _row(one)))
    Console(markup=False).print(table)
    counts = ", ".join(f"{name} {count}" for name, count in totals(found))
    typer.echo(f"{found.points} of {len(found.steps) * POINTS} points; of {len(found.steps)} steps: {counts}")
    real = [one for one in found.incidents if not one.wholly]
    typer.echo(f"incidents that hold something of it: {len(found.incidents)}; real, since they hold something undeclared too: {len(real)}")


def reported(start: str, how: str, out: Path | None, lang: str | None, whose: Whose) -> None:
    """Write the final report."""
    found = _scored(start, how, tuple(EXERCISED), whose)
    written(EXERCISED[how](found, read_settings(whose[0], lang).language, whose[1]), out, "exercise report")


def _scored(start: str, how: str, forms: tuple[str, ...], whose: Whose) -> Scored:
    with reading(whose) as (store, ledger):
        one_of("format", how, forms)
        return score(store, called(store, start), acted(ledger), datetime.now(UTC))


def _row(one: StepScore) -> tuple[str, ...]:
    seen = f"+{one.seen_after_seconds:.0f} s {one.signal_title}" if one.seen_after_seconds is not None else "-"
    blocked = f"{one.blocked_after_seconds:+.0f} s {one.action_name}" if one.blocked_after_seconds is not None else "-"
    told = f"{one.told:%H:%M:%S}" if one.told else "-"
    return (
        str(one.number), one.step.name, one.step.technique, one.step.target, seen, one.incident[:12] or "-", one.verdict or "-", blocked,
        told, f"{one.points}/{POINTS}",
    )  # fmt: skip


def _who(said: tuple[str, str | None]) -> Who:
    why, by = said
    return Who(by or getpass.getuser(), why, datetime.now(UTC))


def _happened(who: Who, whose: Whose, what: str, name: str) -> Happened:
    return Happened(time=who.time, tenant=whose[1], who="command line", what=what, on=name, note=f"{who.by}: {who.why}")
