"""`watchkeeper sources list`. Owns the table; what is read stands in `ingest`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from watchkeeper.cli.plainly import plain_errors
from watchkeeper.ingest import READERS
from watchkeeper.ingest.alerts import ALERT_READERS
from watchkeeper.ingest.grammars import shipped_grammars
from watchkeeper.ingest.own_sources import own_sources
from watchkeeper.ingest.reader import Reader
from watchkeeper.ingest.record_format import formats
from watchkeeper.reporting.harmless import harmless

_WIDE = 240


class _Line(NamedTuple):
    name: str
    kind: str
    log_source: str
    about: str


def run(paths: tuple[Path, ...]) -> None:
    """Print a table: a person's own first, then ours by kind and name."""
    with plain_errors():
        lines = [*_own(paths), *_ours()]
    table = Table("Name", "Kind", "Log source", "What", box=None, pad_edge=False)
    for line in lines:
        table.add_row(*map(harmless, line))
    Console(markup=False, width=None if sys.stdout.isatty() else _WIDE).print(table)


def _own(paths: tuple[Path, ...]) -> Iterator[_Line]:
    own = own_sources(paths)
    yield from (_Line(one.name, "your grammar", _source(one.product, one.service), one.about) for one in own.grammars)
    yield from (_Line(one.name, "your records", _source(one.product, one.service), one.about) for one in own.formats)


def _ours() -> Iterator[_Line]:
    yield from (_Line(one.name, "grammar", _source(one.product, one.service), one.about) for one in shipped_grammars())
    yield from (_Line(one.name, "records", _source(one.product, one.service), one.about) for one in formats())
    yield from (_Line(one.name, "alerts", "", "alerts of another product, by a mapping") for one in ALERT_READERS)
    known = {one.name for one in ALERT_READERS}
    yield from (_Line(one.name, "reader", "", _about(one)) for one in READERS if one.name not in known)


def _source(product: str, service: str) -> str:
    return f"{product}/{service}" if service else product


def _about(reader: Reader) -> str:
    """Give the first sentence of the module that the reader stands in."""
    said = sys.modules[f"watchkeeper.ingest.{reader.name}"].__doc__ or ""
    return said.partition(". ")[0].partition("\n")[0].rstrip(".")
