"""`watchkeeper rules record`. Owns the table; records are derived by `correlation.trust`."""

import sys

import msgspec
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.desks import desk_at
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.reporting.harmless import harmless


def run(how: str, where: Where) -> None:
    """List the record of every rule that people's words are about, those that count least first."""
    with plain_errors():
        one_of("format", how, ("table", "json"))
    with desk_at(where) as desk:
        found = desk.records()
    if how == "json":
        rows = [one.record.model_dump(mode="json") | {"trust": one.trust} for one in found]
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(rows)).decode() + "\n")
        return
    table = Table("Rule", "Right", "Wrong", "Authorised", "Counts times", "Last said", box=None, pad_edge=False)
    for one in found:
        counts = (str(one.record.true), str(one.record.false), str(one.record.authorised))
        table.add_row(harmless(one.record.rule), *counts, f"{one.trust:.2f}", f"{one.record.last:%Y-%m-%d}")
    Console(markup=False).print(table if table.row_count else "people said nothing of any rule yet")
