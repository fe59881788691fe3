"""`watchkeeper incidents show`. Owns how an incident is told on a terminal; the answers are reporting's."""

import sys
from collections.abc import Iterator

import typer

from watchkeeper.cli.desks import desk_at
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.model.flow import Flow
from watchkeeper.model.language import Language
from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.sentences import say, word
from watchkeeper.settings import read_settings


def run(start: str, lang: str | None, how: str, where: Where) -> None:
    """Say how an incident stands, and answer the four questions about it."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        language = read_settings(language=lang).language
    with desk_at(where) as desk:
        seen = desk.incident(start)
        told = desk.questions(seen.summary.id, language)
    if how == "json":
        sys.stdout.write(seen.model_dump_json(indent=1) + "\n")
        return
    one = seen.summary
    given = f", given to {one.assigned}" if one.assigned else ""
    typer.echo(harmless(f"{one.id[:12]} {one.title} ({one.level}, score {one.score:.1f}; {one.status}{given})"))
    typer.echo(harmless(f"{one.signals:,} signals on {', '.join(one.hosts) or 'no named host'}"))
    for answer in told.answers:
        typer.echo(harmless(f"{answer.question} {answer.headline}"))
        for fact in answer.facts:
            typer.echo(harmless(f"  - {fact}"))
    for line in _way(seen.flow, language):
        typer.echo(harmless(line))


def _way(flow: Flow | None, language: Language) -> Iterator[str]:
    """Yield what was done for it, a line each."""
    if flow is None:
        return
    yield word(f"walked.state.{flow.state}", language)
    for stage in flow.stages:
        wrong = f": {stage.failure.error}" if stage.failure else ""
        yield f"  {stage.time:%Y-%m-%d %H:%M:%S} {word(f'step.{stage.operation}', language)}: {say(stage.said, language)}{wrong}"
