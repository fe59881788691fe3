"""What people closed and is to be looked at again, in words. Owns the sentences; finding it is the autopilot's."""

from collections.abc import Iterable, Iterator

import typer

from watchkeeper.model.reopened import Reopened
from watchkeeper.model.watch import Standing
from watchkeeper.reporting.harmless import harmless

_BECAUSE = {
    "rule-changed": "rule {} asks for something else since and still fires there",
    "rule-right": "rule {} was right elsewhere since",
    "intel": "intelligence came to know {} there",
}


def seen_words(standings: Iterable[Standing]) -> Iterator[str]:
    """Say which incidents are re-opened because something that was looked out for was seen again."""
    for one in standings:
        first = one.seen[0]
        what = f"{first.entity.kind} {first.entity.value}" + (f" and {len(one.seen) - 1} more" if len(one.seen) > 1 else "")
        hosts = ", ".join(dict.fromkeys(host for seen in one.seen for host in seen.hosts)) or "no named host"
        yield harmless(f"re-opened: incident {one.incident[:12]} on {one.time:%Y-%m-%d %H:%M}: {what} seen again on {hosts}")


def say_how_many(count: int) -> None:
    """Say how many closings something speaks against; nothing if there is none."""
    if count:
        typer.echo(f"{count} that people closed are to be looked at again; `watchkeeper incidents` says why", err=True)


def reopened_words(found: Reopened) -> Iterator[str]:
    """Say what is to be looked at again, and why, a line for each reason."""
    words = found.words
    for reason in found.reasons:
        because = _BECAUSE[reason.kind].format(reason.what)
        yield harmless(f"re-opened: {words.about} {words.subject[:12]}, called {words.verdict} by {words.by}: {because}")
