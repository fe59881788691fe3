"""Importing intelligence: files in, installed indicators and an account of every file out. Owns the order; formats are detection's."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from watchkeeper.detection.intel.canon import Account, Defaults, indicators
from watchkeeper.detection.intel.formats import Ask
from watchkeeper.detection.intel.installed import Merged, install_indicators
from watchkeeper.detection.intel.reading import opened
from watchkeeper.model.indicator import INDICATOR_SCHEMA


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a person wants files imported."""

    defaults: Defaults
    """An empty source is each file's own name."""
    ask: Ask = field(default_factory=Ask)
    format: str = ""
    """Name of a format; empty recognises files by their content."""
    replace: bool = False
    """What the same source gave earlier and does not give now goes."""


@dataclass(frozen=True, slots=True)
class FileRead:
    """What became of one file."""

    name: str
    format: str
    """Empty if nobody knows it."""
    account: Account


@dataclass(frozen=True, slots=True)
class ImportDone:
    """What an import did."""

    files: tuple[FileRead, ...]
    merged: Merged


def import_files(paths: Sequence[Path], wanted: Wanted, folder: Path, now: datetime) -> ImportDone:
    """Import every file of the paths in the same way; see `import_each`."""
    return import_each([(path, wanted) for path in paths], folder, now)


def import_each(asked: Sequence[tuple[Path, Wanted]], folder: Path, now: datetime) -> ImportDone:
    """Import every file of the paths, each as it is wanted, into the folder of installed intelligence; all of it is put in force at once.

    Raises:
        OSError: a path cannot be read, or the folder cannot be written.
        ValueError: the format or a column is not known, or what is installed is damaged.
    """
    files: list[FileRead] = []
    tables: list[pa.Table] = []
    for path, wanted in asked:
        defaults = wanted.defaults if wanted.defaults.source else _named(wanted.defaults, path)
        for one in opened(path, wanted.ask, wanted.format):
            table, account = indicators(one.entries, defaults, now)
            tables.append(table)
            files.append(FileRead(one.name, one.format.name if one.format else "", account))
    return ImportDone(tuple(files), install_indicators(folder, _once(tables), replace=any(wanted.replace for _, wanted in asked)))


def _named(defaults: Defaults, path: Path) -> Defaults:
    return replace(defaults, source=path.name.partition(".")[0] or path.name)


def _once(tables: Sequence[pa.Table]) -> pa.Table:
    """Give each indicator once, as the last file that has it says."""
    table = pa.concat_tables([INDICATOR_SCHEMA.empty_table(), *tables])
    last: dict[str | None, int] = {name: place for place, name in enumerate(table.column("id").to_pylist())}
    return table if len(last) == table.num_rows else table.take(pa.array(sorted(last.values()), pa.int64()))
