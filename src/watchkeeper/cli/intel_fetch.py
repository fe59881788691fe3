"""`watchkeeper intel fetch`. Owns what is said of a server and of what came from it; asking it is the autopilot's."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.intel_fetch import Choice, fetch
from watchkeeper.autopilot.intel_import import Wanted
from watchkeeper.cli.intel_import import intel_folder, say
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.detection.intel.asking import Asker, asker, read_login
from watchkeeper.detection.intel.canon import Defaults
from watchkeeper.detection.intel.formats.entry import moment
from watchkeeper.detection.intel.taxii import roots
from watchkeeper.reporting.harmless import harmless

LOGIN = "WATCHKEEPER_LOGIN"


@dataclass(frozen=True, slots=True)
class Server:
    """Who is asked, and by whom."""

    url: str
    login: Path | None
    certificates: Path | None

    def asker(self) -> Asker:
        """Give who asks.

        Raises:
            OSError: the login cannot be read.
            ValueError: the address or the login is not understood.
        """
        return asker(self.url, read_login(self.login, os.environ.get(LOGIN, "")), self.certificates)


def run(server: Server, only: tuple[str, str, int | None], given: Defaults, replace: bool, state: Path | None) -> None:
    """Fetch and import a collection; without one, list those there."""
    collection, added_after, page = only
    with plain_errors():
        if not collection:
            _list(server)
            return
        if replace and added_after:
            raise ValueError(
                "--replace takes out what a source no longer gives, and --added-after asks for its news alone; choose one of them"
            )
        choice = Choice(server.url, collection, _time(added_after), page)
        fetched = fetch(server.asker(), choice, Wanted(given, replace=replace), intel_folder(state), datetime.now(UTC))
    typer.echo(f"{fetched.objects:,} objects in {fetched.pages:,} pages")
    if fetched.last:
        typer.echo(f"next time, --added-after {fetched.last} fetches what is new")
    say(fetched.done)


def _list(server: Server) -> None:
    table = Table("Api root", "Collection", "Title", "May be read", box=None, pad_edge=False)
    for root in roots(server.asker(), server.url):
        for one in root.collections:
            table.add_row(*(harmless(text) for text in (root.url, one.id, (one.title or "")[:100], "yes" if one.can_read else "no")))
    Console(markup=False).print(table)
    typer.echo("--collection ID fetches one of them")


def _time(text: str) -> datetime | None:
    found = moment(text) if text else None
    if text and found is None:
        raise ValueError(f"--added-after {text!r} is no time; write it like 2026-01-31T12:00:00Z")
    return found
