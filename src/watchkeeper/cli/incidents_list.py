"""`watchkeeper incidents` without more. Owns listing what earlier runs left behind."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.edits import seen
from watchkeeper.autopilot.following import closed
from watchkeeper.autopilot.rejudging import reopened
from watchkeeper.cli.intel_import import intel_folder
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.reopened import reopened_words, seen_words
from watchkeeper.correlation import Edited
from watchkeeper.model.edit import Edit, Merge
from watchkeeper.model.watch import Standing
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import Store, open_store


def run(state: Path | None) -> None:
    """List incidents, the newest case's first, and which were merged and split."""
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        found = seen(store)
        table = _table(found, store)
        edits = list(_edits(found, store))
        stands = list(_standings(store))
        again = [line for one in reopened(store, intel_folder(state)) for line in reopened_words(one)]
    Console(markup=False).print(table if table.row_count else "no incidents yet; `watchkeeper investigate` finds them")
    for line in (*map(harmless, (*edits, *stands)), *again):
        typer.echo(line)


def _table(found: Edited, store: Store) -> Table:
    table = Table("Id", "#", "Start", "Verdict", "State", "What", "People say", box=None, pad_edge=False)
    standings, shut = store.standings(), closed(store)
    said_of = defaultdict[str, list[str]](list)
    for one in store.feedback():
        said_of[one.subject].append(f"{one.verdict} ({one.by})")
    for incident in found.incidents:
        verdict = incident.verdict.outcome if incident.verdict else "-"
        start = incident.start.isoformat(" ", "minutes") if incident.start else "-"
        said = ", ".join(said_of[incident.id])
        state = _state(standings.get(incident.id, ()), is_shut=incident.id in shut)
        table.add_row(incident.id[:12], str(incident.rank), start, verdict, state, harmless(incident.title), harmless(said))
    return table


def _state(said: Sequence[Standing], *, is_shut: bool) -> str:
    """Say whether an incident is closed, by word or by a verdict, or open, and since when it is so again."""
    if is_shut:
        return "closed"
    return f"re-opened {said[-1].time:%Y-%m-%d}" if said else "open"


def _standings(store: Store) -> Iterator[str]:
    """Say why incidents were re-opened and closed, the latest word on each."""
    for said in store.standings().values():
        last = said[-1]
        if last.by:
            yield f"{last.state}: incident {last.incident[:12]} by {last.by} on {last.time:%Y-%m-%d %H:%M}: {last.why}"
        else:
            yield from seen_words((last,))


def _edits(found: Edited, store: Store) -> Iterator[str]:
    lost = {edit.number for edit in found.unapplied}
    for edit in store.edits():
        if edit.undone is None:
            left = "; what it speaks of is no longer there" if edit.number in lost else ""
            yield f"{_words(edit)} by {edit.by}: {edit.why}{left}"


def _words(edit: Edit) -> str:
    change = edit.change
    if isinstance(change, Merge):
        return f"{change.other[:12]} is merged into {change.into[:12]}"
    return f"{change.made[:12]} is split off {change.incident[:12]}"
