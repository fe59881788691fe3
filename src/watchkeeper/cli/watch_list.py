"""`watchkeeper watch list`. Owns the table and which rows it has."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.following import MOST_FOLLOWED, followed_of
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.model.language import Language
from watchkeeper.model.watch import Watch
from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.sentences import say, word
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store


def run(incident: str, everything: bool, lang: str | None, state: Path | None) -> None:
    """List what is looked out for, by incident."""
    with plain_errors():
        settings = read_settings(state, lang)
        now = datetime.now(UTC)
        with closing(open_store(settings.store)) as store:
            every = [one for one in store.watches() if one.incident.startswith(incident)]
            following = followed_of(every, store, now)
    live = {one.id for watches in following.by_rule.values() for one in watches}
    table = Table("Id", "What", "Level", "Because", "Incident", "Since", "Until", "By", box=None, pad_edge=False)
    for one in every:
        if everything or one.id in live:
            table.add_row(*(harmless(text) for text in _row(one, settings.language, live=one.id in live)))
    Console(markup=False).print(table if table.row_count else "nothing is looked out for; incidents that are an attack add it")
    if following.beyond:
        typer.echo(f"{following.beyond:,} more are not looked out for: at most {MOST_FOLLOWED:,} things are, the newest", err=True)


def _row(one: Watch, lang: Language, *, live: bool) -> tuple[str, ...]:
    what = f"{word(f'kind.{one.entity.kind}', lang)} {one.entity.value}"
    until = f"{one.until:%Y-%m-%d}" if live else f"over ({_over(one)})"
    return one.id[:12], what, one.level, _because(one, lang), one.incident[:12], f"{one.since:%Y-%m-%d}", until, one.by


def _because(one: Watch, lang: Language) -> str:
    hops = f" [{one.hops}]" if one.hops else ""
    return f"{say(one.why, lang)}{hops}"


def _over(one: Watch) -> str:
    if one.ended:
        return f"{one.ended:%Y-%m-%d}, {one.ended_by}: {one.ended_why}"
    return "expired" if one.until <= datetime.now(UTC) else "incident closed"
