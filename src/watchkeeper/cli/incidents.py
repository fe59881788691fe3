"""`watchkeeper incidents`. Owns listing what earlier runs left behind."""

from collections import defaultdict
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table

from watchkeeper.cli.plainly import plain_errors
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store


def run(state: Path | None) -> None:
    """List incidents, the newest case's first."""
    table = Table("Id", "#", "Start", "Verdict", "What", "People say", box=None, pad_edge=False)
    with plain_errors(), closing(open_store(read_settings(state).state)) as store:
        said_of = defaultdict[str, list[str]](list)
        for one in store.feedback():
            said_of[one.subject].append(f"{one.verdict} ({one.by})")
        for incident in store.incidents():
            said = ", ".join(said_of[incident.id])
            verdict = incident.verdict.outcome if incident.verdict else "-"
            start = incident.start.isoformat(" ", "minutes") if incident.start else "-"
            table.add_row(incident.id[:12], str(incident.rank), start, verdict, harmless(incident.title), harmless(said))
    Console(markup=False).print(table if table.row_count else "no incidents yet; `watchkeeper investigate` finds them")
