"""Writing reports from a state folder. Owns reading what is asked for and where it goes; what a report says stands in `autopilot`."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from watchkeeper.autopilot.acted import acted
from watchkeeper.autopilot.action_figures import Period
from watchkeeper.autopilot.desk import Desk
from watchkeeper.autopilot.edits import incident_called
from watchkeeper.autopilot.export import Telling
from watchkeeper.autopilot.incident_report import Around, report_on
from watchkeeper.autopilot.posture import Week, posture
from watchkeeper.autopilot.shift import shift
from watchkeeper.autopilot.sources_seen import sources_seen
from watchkeeper.brain.ethics.ledger import Ledger
from watchkeeper.cli.opened import opened
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.written import write_whole
from watchkeeper.model.language import Language
from watchkeeper.model.vitals import Heard
from watchkeeper.reporting.handover import HANDOVER
from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.week import WEEKLY
from watchkeeper.server.vitals import is_alive, read_vitals
from watchkeeper.settings import read_settings
from watchkeeper.store import Store

Whose = tuple[Path | None, str]
"""State folder and tenant."""


@contextmanager
def reading(whose: Whose) -> Generator[tuple[Store, Ledger]]:
    """Open the state of a tenant, with what is kept of its actions."""
    state, tenant = whose
    with opened(state, tenant) as (store, people):
        yield store, store.ledger(people.audit)


def incident(start: str, how: str, out: Path | None, lang: str | None, whose: Whose) -> None:
    """Write an incident down."""
    with reading(whose) as (store, ledger):
        one_of("format", how, ("html", "md", "json"))
        settings = read_settings(whose[0], lang)
        found = incident_called(store, start)
        around = Around(None, settings.rules, datetime.now(UTC), ledger)
        text = report_on(store, found, how, Telling("", "amber", settings.language), around)
    written(text, out, "incident report")


def shift_report(asked: tuple[float, str], how: str, out: Path | None, lang: str | None, whose: Whose) -> None:
    """Write a shift's hand-over down."""
    hours, until = asked
    with reading(whose) as (store, ledger):
        one_of("format", how, tuple(HANDOVER))
        now = datetime.now(UTC)
        ends, language, state = _end(until, now), _language(whose, lang), read_settings(whose[0]).state
        told = shift(Desk(store, state), _heard(state, now) or (), Period(ends - timedelta(hours=hours), ends), acted(ledger))
        text = HANDOVER[how](told, language, whose[1], now)
    written(text, out, "hand-over")


def week(until: str, how: str, out: Path | None, lang: str | None, whose: Whose) -> None:
    """Write a week's posture down."""
    with reading(whose) as (store, ledger):
        one_of("format", how, tuple(WEEKLY))
        now = datetime.now(UTC)
        language, heard = _language(whose, lang), _heard(read_settings(whose[0]).state, now)
        silent = None if heard is None else tuple(one.sender.name for one in sources_seen(store, heard, now) if one.silent)
        text = WEEKLY[how](posture(store, acted(ledger), Week(_end(until, now), now, language, silent)), language)
    written(text, out, "weekly posture")


def written(text: str, out: Path | None, what: str) -> None:
    """Write a report into a file, or to standard output without one."""
    if out is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    with plain_errors():
        write_whole(out, text.encode())
    typer.echo(harmless(f"{what} written to {out}; nothing was sent"))


def _language(whose: Whose, lang: str | None) -> Language:
    return read_settings(whose[0], lang).language


def _end(until: str, now: datetime) -> datetime:
    if not until:
        return now
    try:
        read = datetime.fromisoformat(until)
    except ValueError as error:
        raise ValueError(f"--until {until!r} is no time; give one such as 2026-03-04T09:00:00Z") from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _heard(state: Path, now: datetime) -> tuple[Heard, ...] | None:
    """Give what the platform heard of senders; none if it does not run here."""
    alive = [one for one in read_vitals(state).vitals if is_alive(one, now)]
    return tuple(heard for one in alive for heard in one.heard) if alive else None
