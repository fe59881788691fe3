"""What `watchkeeper questions` does. Owns the table and the words; asking and answering is `autopilot.questions`'s."""

from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.playbooks.wording import in_words
from watchkeeper.autopilot.questions import answer
from watchkeeper.autopilot.questions import listed as asked
from watchkeeper.cli.acting_desks import acting
from watchkeeper.cli.opened import opened
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.remote_acting import takes_a_person
from watchkeeper.cli.server import connected
from watchkeeper.cli.where import Where, server_of
from watchkeeper.model.language import Language
from watchkeeper.model.principal import DEFAULT_TENANT
from watchkeeper.model.question import Question
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings


def listed(incident: str, everything: bool, lang: str | None, where: Where) -> None:
    """List questions."""
    table = Table("Id", "Incident", "For", "Question", "Choices", "Until (UTC)", "Answer", box=None, pad_edge=False)
    language = read_settings(language=lang).language
    for one in _questions(incident, everything, where):
        table.add_row(*map(harmless, _row(one, language)))
    Console(markup=False).print(table if table.row_count else "nobody is asked anything")


def answered(said: tuple[str, str], reason: tuple[str, str | None], where: Where) -> None:
    """Answer a question, as a responder."""
    tenant, (why, by) = where.tenant or DEFAULT_TENANT, reason
    with plain_errors():
        if server_of(where):
            takes_a_person(f"to answer question {said[0][:40]!r}")
        with opened(where.state, tenant) as (store, people):
            told = answer(store, people.audit, said, acting(people, why, by, "responder", tenant), "cli")
    typer.echo(f"question {told.id[:12]} about incident {told.incident[:12]} is answered {said[1]!r}")


def _questions(incident: str, everything: bool, where: Where) -> tuple[Question, ...]:
    with plain_errors():
        if url := server_of(where):
            with connected(url, where) as server:
                return server.every("questions", Question, incident=incident, everything=str(everything).lower())
        with opened(where.state, where.tenant or DEFAULT_TENANT) as (store, _):
            return asked(store, datetime.now(UTC), incident, everything=everything)


def _row(one: Question, language: Language) -> tuple[str, ...]:
    options = ((f"{option.name}{'*' if option.name == one.default else ''}", in_words(option.said, language)) for option in one.options)
    choices = "; ".join(f"{name} ({said})" for name, said in options)
    owners = f" ({', '.join(one.owners)})" if one.owners else ""
    said = f"{one.answer.choice}, {one.answer.by}" if one.answer else ""
    asking = in_words(one.question, language)
    return one.id[:12], one.incident[:12], f"{one.to}{owners}", asking, choices, f"{one.deadline:%Y-%m-%d %H:%M}", said
