"""What people closed and is to be looked at again, in words. Owns the sentences; finding it is the autopilot's."""

from collections.abc import Iterator
from pathlib import Path

import typer

from watchkeeper.autopilot.rejudging import Reopened, reopened
from watchkeeper.reporting.harmless import harmless
from watchkeeper.store import Store

_BECAUSE = {
    "rule-changed": "rule {} asks for something else since and still fires there",
    "rule-right": "rule {} was right elsewhere since",
    "intel": "intelligence came to know {} there",
}


def say_how_many(store: Store, intel: Path) -> None:
    """Say how many closings something speaks against; nothing if there is none."""
    if found := reopened(store, intel):
        typer.echo(f"{len(found)} that people closed are to be looked at again; `watchkeeper incidents` says why", err=True)


def reopened_words(found: Reopened) -> Iterator[str]:
    """Say what is to be looked at again, and why, a line for each reason."""
    words = found.words
    for reason in found.reasons:
        because = _BECAUSE[reason.kind].format(reason.what)
        yield harmless(f"re-opened: {words.about} {words.subject[:12]}, called {words.verdict} by {words.by}: {because}")
