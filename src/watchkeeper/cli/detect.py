"""`watchkeeper detect`. Owns writing signals as a table, JSON lines or CSV."""

import csv
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot import Options, examine
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.progress import shown_progress
from watchkeeper.model.sourceread import SourceRead
from watchkeeper.reporting.harmless import harmless


def run(options: Options, how: str) -> None:
    """Detect and write every signal in time order to standard output; what was skipped goes to standard error."""
    with plain_errors():
        one_of("format", how, tuple(_WRITERS))
        with shown_progress(options.paths) as progress:
            examined = examine(replace(options, progress=progress))
    _WRITERS[how](examined.correlated.signals)
    _say_skipped(examined.sources)
    for problem in examined.rules.problems:
        typer.echo(harmless(problem), err=True)


def _say_skipped(sources: tuple[SourceRead, ...]) -> None:
    for source in sources:
        said = [f"{count:,} skipped: {reason}" for reason, count in source.skipped.items()] + ([source.error] if source.error else [])
        if said:
            typer.echo(harmless(f"{source.source}: {'; '.join(said)}"), err=True)


def _rows(signals: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in signals.to_batches(max_chunksize=4096):
        for row in batch.to_pylist():
            yield {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _jsonl(signals: pa.Table) -> None:
    for row in _rows(signals):
        sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")
    sys.stdout.buffer.flush()


def _csv(signals: pa.Table) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(signals.column_names)
    for row in _rows(signals):
        writer.writerow([_cell(value) for value in row.values()])


def _cell(value: object) -> str:
    """Give a cell's text; a text that a spreadsheet would run as a formula is prefixed."""
    text = value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()
    return f"'{text}" if text[:1] in ("=", "+", "@", "-", "\t", "\r") else text


def _table(signals: pa.Table) -> None:
    table = Table("Time", "Level", "Host", "User", "Rule", "Techniques", "Incident", box=None, pad_edge=False)
    for row in _rows(signals):
        rank = "" if row["rank"] is None else f"#{row['rank']}"
        words = (row["time"] or "", row["level"], row["host"], row["user"], row["title"], " ".join(row["techniques"]), rank)
        table.add_row(*(harmless(str(word)) for word in words))
    Console().print(table)


_WRITERS = {"table": _table, "jsonl": _jsonl, "csv": _csv}
