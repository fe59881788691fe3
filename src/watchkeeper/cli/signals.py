"""Signals on standard output, as a table, JSON lines or CSV; what was skipped on standard error. Owns these forms, not which signals."""

import csv
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.markup.spreadsheet import cell
from watchkeeper.model.sourceread import SourceRead
from watchkeeper.reporting.harmless import harmless

_MOST_NAMED = 5


def write_signals(signals: pa.Table, how: str) -> None:
    """Write each signal in the order given; `how` is one of `FORMATS`."""
    _WRITERS[how](signals)


def say_skipped(sources: Sequence[SourceRead]) -> None:
    """Say what of each file could not be read, and which files no reader knew."""
    for source in sources:
        said = [f"{count:,} skipped: {reason}" for reason, count in source.skipped.items()] + ([source.error] if source.error else [])
        if said:
            typer.echo(harmless(f"{source.source}: {'; '.join(said)}"), err=True)
    for line in unknown_words(sources):
        typer.echo(line, err=True)


def unknown_words(sources: Sequence[SourceRead]) -> list[str]:
    """Say which files no reader knew, how many records they have, and what to do; nothing if there is none."""
    unknown = [source for source in sources if source.is_unknown]
    if not unknown:
        return []
    named = ", ".join(source.source for source in unknown[:_MOST_NAMED]) + (" …" if len(unknown) > _MOST_NAMED else "")
    records, kept = sum(source.records for source in unknown), sum(source.events for source in unknown)
    files = f"{len(unknown):,} {'file' if len(unknown) == 1 else 'files'}"
    return [
        harmless(f"no reader knows {files} ({records:,} records, {kept:,} kept as they are): {named}"),
        "`watchkeeper sources suggest` with the path proposes how to read them",
    ]


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
        writer.writerow([cell(value) for value in row.values()])


def _table(signals: pa.Table) -> None:
    placed = "rank" in signals.column_names
    table = Table("Time", "Level", "Host", "User", "Rule", "Techniques", *(["Incident"] if placed else []), box=None, pad_edge=False)
    for row in _rows(signals):
        words = [row["time"] or "", row["level"], row["host"], row["user"], row["title"], " ".join(row["techniques"])]
        if placed:
            words.append("" if row["rank"] is None else f"#{row['rank']}")
        table.add_row(*(harmless(str(word)) for word in words))
    Console(markup=False).print(table)


_WRITERS = {"table": _table, "jsonl": _jsonl, "csv": _csv}
FORMATS = tuple(_WRITERS)
"""Forms that signals can be written in."""
