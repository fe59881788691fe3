"""`watchkeeper rules record`. Owns the table; records are derived by `correlation.trust`."""

import sys
from contextlib import closing
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.correlation import records
from watchkeeper.correlation.trust import trust
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store


def run(state: Path | None, how: str) -> None:
    """List the record of every rule that people's words are about, those that count least first."""
    with plain_errors():
        one_of("format", how, ("table", "json"))
        with closing(open_store(read_settings(state).store)) as store:
            found = sorted(records(store.feedback()).values(), key=lambda one: (trust(one), one.rule))
    if how == "json":
        rows = [one.model_dump(mode="json") | {"trust": trust(one)} for one in found]
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(rows)).decode() + "\n")
        return
    table = Table("Rule", "Right", "Wrong", "Authorised", "Counts times", "Last said", box=None, pad_edge=False)
    for one in found:
        counts = (str(one.true), str(one.false), str(one.authorised))
        table.add_row(harmless(one.rule), *counts, f"{trust(one):.2f}", f"{one.last:%Y-%m-%d}")
    Console(markup=False).print(table if table.row_count else "people said nothing of any rule yet")
