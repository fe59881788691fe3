"""Building signal tables from what fired. Owns ids, matches and columns; entities come from `entities`, other products' from `alerts`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast

import pyarrow as pa

from watchkeeper.detection.entities import Pair, entities_of, user_of
from watchkeeper.detection.logsources import Derived
from watchkeeper.detection.sigma import Rule
from watchkeeper.detection.sigma.explain import Witnesses
from watchkeeper.detection.sigma.row import Row
from watchkeeper.model.batch import Batch, Value
from watchkeeper.model.ids import begun, ids
from watchkeeper.model.signal import SIGNAL_SCHEMA

MAX_VALUE_CHARACTERS = 500
"""Matched values are cut here."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired on one event of a batch."""

    index: int
    row: Row
    rule: Rule
    witnesses: Witnesses
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Fields that are called otherwise in the row than in the rule, by their name in the rule."""
    derived: Mapping[str, Derived] = field(default_factory=dict[str, Derived])
    """Fields of the row that were made of others."""

    def moved(self, index: int) -> "Fired":
        """Give the same at another place of the batch."""
        return replace(self, index=index)


def signal_id(rule: str, event_id: str) -> str:
    """Give the id of a signal: 32 hex digits that depend on the rule and the event alone."""
    digest = _begun(rule).copy()
    digest.update(event_id.encode())
    return digest.hexdigest()


def signal_ids(rules: Any, events: Any) -> Any:
    """Give the same for many: Arrow arrays of text to one of text."""
    return ids(map(_begun, rules.to_pylist()), events.cast(pa.binary()).to_pylist())


@lru_cache(maxsize=16_384)
def _begun(rule: str) -> blake2b:
    return begun(f"{rule}\0".encode())


def signal_table(batch: Batch, fired: Sequence[Fired]) -> pa.Table:
    """Give one row a signal (`SIGNAL_SCHEMA`), in the order given."""
    if not fired:
        return SIGNAL_SCHEMA.empty_table()
    rules = [one.rule for one in fired]
    events = event_columns(batch, [one.index for one in fired], [one.row.native for one in fired])
    columns: dict[str, Any] = events | {
        "id": [signal_id(rule.id, event) for rule, event in zip(rules, cast("list[str]", events["event_id"]), strict=True)],
        "rule": [rule.id for rule in rules],
        "title": [rule.title for rule in rules],
        "level": [rule.level for rule in rules],
        "detector": ["sigma"] * len(fired),
        "techniques": [rule.techniques for rule in rules],
        "tactics": [rule.tactics for rule in rules],
        "matches": [_matches(one) for one in fired],
    }
    return pa.Table.from_pydict(columns, schema=SIGNAL_SCHEMA)


def event_columns(batch: Batch, indices: Sequence[int], natives: Sequence[Mapping[str, Value]]) -> dict[str, object]:
    """Give the columns of `SIGNAL_SCHEMA` that say on which event something fired, one row for each index, with its native fields."""
    events = batch.table.select(["_id", "_time", "_host", "_source", "_row"]).take(pa.array(indices, pa.int64()))
    hosts = cast("list[str]", events.column("_host").to_pylist())
    source = batch.logsource
    return {
        "event_id": cast("list[str]", events.column("_id").to_pylist()),
        "time": events.column("_time"),
        "host": hosts,
        "user": [user_of(source, native) for native in natives],
        "source": events.column("_source"),
        "row": events.column("_row"),
        "entities": [_pairs(entities_of(source, native, host)) for native, host in zip(natives, hosts, strict=True)],
        "synthetic": [native.get("synthetic") == "true" for native in natives],
    }


def _pairs(entities: Sequence[Pair]) -> list[dict[str, str]]:
    return [{"kind": kind, "value": value} for kind, value in entities]


def _matches(fired: Fired) -> list[dict[str, str]]:
    found = dict.fromkeys(pair for match in fired.witnesses(fired.row) for pair in _native(match, fired))
    return [{"field": field, "value": value[:MAX_VALUE_CHARACTERS]} for field, value in found]


def _native(match: tuple[str, str], fired: Fired) -> Iterator[tuple[str, str]]:
    """Name the event's own fields for one that was made of them."""
    made = fired.derived.get(match[0])
    if made is None:
        yield match
        return
    for name in made.sources:
        value = fired.row.native.get(name, "")
        yield name, value if isinstance(value, str) else ", ".join(value)
