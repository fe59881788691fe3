"""Events of any source in the view that a person asks for. Owns the views' names and stopping when enough were shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch
from watchkeeper.model.sourceread import SourceRead
from watchkeeper.schema import ecs, nested, view

Shown: TypeAlias = dict[str, object]
_TOLD = ("_id", "_time", "_host", "_source", "_row")


def show(
    paths: Sequence[Path], how: str, limit: int | None = None, mapping: str | None = None, own: tuple[Path, ...] = ()
) -> Iterator[Shown | SourceRead]:
    """Yield each event in the view called `how`, one of `VIEWS`, batch by batch as they are read, and what was read of each file.

    After `limit` events reading stops. `mapping` is an alert mapping to read every file with, `own` a person's own sources.

    Raises:
        OSError: a given path cannot be read.
        ValueError: the mapping or a source cannot be used.
    """
    left = limit
    for item in read(paths, mapping=mapping, own=own):
        if isinstance(item, SourceRead):
            yield item
            continue
        table = item.table if left is None else item.table.slice(0, left)
        yield from VIEWS[how](Batch(item.logsource, table))
        left = None if left is None else left - table.num_rows
        if left == 0:
            return


def _native(batch: Batch) -> Iterator[Shown]:
    source = batch.logsource
    told = batch.table.select(_TOLD).to_pylist()
    for row, fields in zip(told, batch.rows(), strict=True):
        yield {**_plain(row), "_product": source.product, "_service": source.service, "_event_type": source.event_type, **fields}


def _ocsf(batch: Batch) -> Iterator[Shown]:
    for row in view(batch).to_pylist():
        yield {**_plain({name: row[name] for name in _TOLD}), **nested(_plain(row))}


def _ecs(batch: Batch) -> Iterator[Shown]:
    for row in ecs(view(batch)).to_pylist():
        yield _plain(row)


def _plain(row: Mapping[str, object]) -> Shown:
    """Leave out what has no value, and write moments as text."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items() if value is not None}


VIEWS: Mapping[str, Callable[[Batch], Iterator[Shown]]] = {"ocsf": _ocsf, "ecs": _ecs, "native": _native}
"""How events can be shown: as the schema's nested records, under ECS's dotted names, or as the source writes them."""
