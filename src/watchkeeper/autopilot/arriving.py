"""What arrives lately: which rules can fire on it, and how far senders' clocks are off. Owns asking the newest rows, no judgement."""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import msgspec
import pyarrow as pa

from watchkeeper.detection import RuleSet
from watchkeeper.detection.reach import Reach
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource

_MOST_OF_A_KIND = 300
"""Events of one log source that are looked into: fields show in the first ones."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """What the newest stored events are like."""

    events: int
    """How many were looked at."""
    kinds: int
    """Log sources among them."""
    rules: int
    """Rules that are loaded."""
    reached: int
    """Rules that can fire on them."""
    missing: tuple[str, ...]
    """What most rules that cannot fire would need, the most wanted first."""
    ahead_seconds: Mapping[str, float]
    """By sender's name: by how much its events' own time is ahead of ours when they come, the median; negative: behind."""


def arriving(rows: pa.Table, ruleset: RuleSet) -> Arriving:
    """Look at stored events (columns of `lake.newest_rows`)."""
    reach = Reach(ruleset)
    for batch in _batches(rows):
        reach.observe(batch)
    found = reach.result()
    wanted: defaultdict[str, int] = defaultdict(int)
    for rule in found:
        if rule.status == "source" and rule.missing:
            wanted[rule.missing[0]] += 1
    return Arriving(
        events=rows.num_rows,
        kinds=len(reach.seen),
        rules=len(found),
        reached=sum(rule.status == "reached" for rule in found),
        missing=tuple(sorted(wanted, key=lambda name: (-wanted[name], name))[:3]),
        ahead_seconds=_ahead(rows),
    )


def _batches(rows: pa.Table) -> Iterator[Batch]:
    """Make a batch of each log source, with the names of its native fields; values are not needed to know what is there."""
    kinds: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    names = ("_product", "_service", "_event_type", "_fields", "_raw")
    for product, service, event_type, fields, raw in zip(
        *(cast("list[str]", rows.column(name).to_pylist()) for name in names), strict=True
    ):
        mine = kinds[product, service, event_type]
        if len(mine) < _MOST_OF_A_KIND:
            mine.append(fields or raw)
    for (product, service, event_type), texts in kinds.items():
        yield Batch(LogSource(product=product, service=service, event_type=event_type), _table(texts))


def _table(texts: list[str]) -> pa.Table:
    known = dict.fromkeys(name for text in texts for name in _names(text))
    empty = pa.Table.from_pylist([{"_id": "", "_host": "", "_source": "", "_row": 0, "_raw": ""}], RESERVED)
    for name in known:
        if name not in empty.column_names:
            empty = empty.append_column(name, pa.array(["-"]))
    return empty


def _names(text: str) -> Iterator[str]:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return
    if isinstance(found, dict):
        yield from (str(name) for name, value in cast("dict[str, object]", found).items() if value is not None)


def _ahead(rows: pa.Table) -> dict[str, float]:
    offs: defaultdict[str, list[float]] = defaultdict(list)
    columns = ("_source", "_time", "_received")
    moments = (rows.column("_source").to_pylist(), *(_micros(rows, name) for name in columns[1:]))
    for sender, time, received in zip(*moments, strict=True):
        if time is not None and received is not None:
            offs[str(sender)].append((time - received) / 1e6)
    return {sender: statistics.median(values) for sender, values in offs.items()}


def _micros(rows: pa.Table, name: str) -> list[int | None]:
    column = rows.column(name)
    return column.cast(pa.int64()).to_pylist() if pa.types.is_timestamp(column.type) else [None] * rows.num_rows
