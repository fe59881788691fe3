"""What `watchkeeper questions` does. Owns the table and the words; asking and answering is `autopilot.questions`'s."""

import getpass
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.playbooks.wording import in_words
from watchkeeper.autopilot.questions import answer
from watchkeeper.autopilot.questions import listed as asked
from watchkeeper.cli.opened import opened
from watchkeeper.model.language import Language
from watchkeeper.model.question import Question
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings

Place = tuple[str, Path | None]
"""Tenant and state folder."""


def listed(incident: str, everything: bool, lang: str | None, place: Place) -> None:
    """List questions."""
    tenant, state = place
    table = Table("Id", "Incident", "For", "Question", "Choices", "Until (UTC)", "Answer", box=None, pad_edge=False)
    with opened(state, tenant) as (store, _):
        language = read_settings(language=lang).language
        for one in asked(store, datetime.now(UTC), incident, everything=everything):
            table.add_row(*map(harmless, _row(one, language)))
    Console(markup=False).print(table if table.row_count else "nobody is asked anything")


def answered(said: tuple[str, str], reason: tuple[str, str | None], place: Place) -> None:
    """Answer a question."""
    tenant, state = place
    why, by = reason
    with opened(state, tenant) as (store, people):
        told = answer(store, people.audit, said, Who(by or getpass.getuser(), why, datetime.now(UTC)), "cli")
    typer.echo(f"question {told.id[:12]} about incident {told.incident[:12]} is answered {said[1]!r}")


def _row(one: Question, language: Language) -> tuple[str, ...]:
    options = ((f"{option.name}{'*' if option.name == one.default else ''}", in_words(option.said, language)) for option in one.options)
    choices = "; ".join(f"{name} ({said})" for name, said in options)
    owners = f" ({', '.join(one.owners)})" if one.owners else ""
    said = f"{one.answer.choice}, {one.answer.by}" if one.answer else ""
    asking = in_words(one.question, language)
    return one.id[:12], one.incident[:12], f"{one.to}{owners}", asking, choices, f"{one.deadline:%Y-%m-%d %H:%M}", said
