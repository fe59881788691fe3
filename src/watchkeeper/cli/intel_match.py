"""`watchkeeper intel match`. Owns how matches are told; finding them is the autopilot's."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.backwards import LookedBack, Match, chosen, look_back
from watchkeeper.autopilot.intelligence import known_of
from watchkeeper.autopilot.options import Options
from watchkeeper.cli.intel_import import intel_folder
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.markup.spreadsheet import cell
from watchkeeper.reporting.harmless import harmless

_FORMATS = ("table", "jsonl", "csv")
_MOST_HOSTS = 5


def run(cases: Sequence[Path], source: str, days: int | None, assets: Path | None, state: Path | None, how: str) -> None:
    """Match and write to standard output; what was left out goes to standard error."""
    with plain_errors():
        one_of("format", how, _FORMATS)
        looked = looked_back(cases, (source, days), assets, state)
    _WRITERS[how](looked.matches)
    say(looked)


def looked_back(cases: Sequence[Path], only: tuple[str, int | None], assets: Path | None, state: Path | None) -> LookedBack:
    """Match what is installed with cases; only indicators of a source, or imported in so many days, if these are given.

    Raises:
        OSError: something of it cannot be read.
        ValueError: nothing is installed, or something of it is damaged or wrong.
    """
    known = known_of(Options(paths=(), assets=assets, intel=intel_folder(state)))
    if not known:
        raise ValueError("no indicators are installed; `watchkeeper intel import FILE` imports them")
    source, days = only
    since = datetime.now(UTC) - timedelta(days=days) if days else None
    return look_back(cases, chosen(known[0], source, since))


def say(looked: LookedBack) -> None:
    """Say on standard error what does not count, and what was not looked at."""
    for case in looked.made:
        typer.echo(harmless(f"{case}: made of its kept events what it observed; it says nothing of events that it does not keep"), err=True)
    if looked.cut:
        typer.echo("more values match than one search gives; --source or --new-days narrows it", err=True)
    for (name, _), count in looked.suppressed.most_common():
        typer.echo(harmless(f"{count:,} values do not count because of {name}; `watchkeeper intel check VALUE` says why"), err=True)


def _table(matches: Sequence[Match]) -> None:
    table = Table("Since", "Last", "Value", "Known by", "Hosts", "Named", "Case", box=None, pad_edge=False)
    for one in matches:
        hosts = ", ".join(one.hosts[:_MOST_HOSTS]) + (f" +{len(one.hosts) - _MOST_HOSTS}" if len(one.hosts) > _MOST_HOSTS else "")
        labels = ", ".join(one.indicator["labels"][:2])
        by = f"{one.indicator['source']}: {one.indicator['value']}" + (f" ({labels})" if labels else "")
        words = (_time(one.since), _time(one.last), f"{one.kind} {one.value}", by, hosts, f"{one.count:,}", Path(one.case).name)
        table.add_row(*(harmless(word) for word in words))
    Console(markup=False).print(table)


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else "no time"


def _jsonl(matches: Sequence[Match]) -> None:
    for one in matches:
        sys.stdout.buffer.write(msgspec.json.encode(asdict(one)) + b"\n")
    sys.stdout.buffer.flush()


def _csv(matches: Sequence[Match]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(["since", "last", "kind", "value", "source", "indicator", "hosts", "count", "case", "event_id", "file", "record"])
    for one in matches:
        indicator: dict[str, Any] = one.indicator
        cells = [_time(one.since), _time(one.last), one.kind, one.value, indicator["source"], indicator["value"], " ".join(one.hosts)]
        writer.writerow([cell(text) for text in (*cells, str(one.count), one.case, one.event_id, one.source, str(one.row))])


_WRITERS = {"table": _table, "jsonl": _jsonl, "csv": _csv}
