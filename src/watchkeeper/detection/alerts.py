"""Alerts of other products as signals: their canonical `signal.*` columns need no rule. Owns the conversion; mapping is `ingest`'s."""

from collections.abc import Callable
from typing import Any, cast, get_args

import pyarrow as pa
import pyarrow.compute

from watchkeeper.attack import technique
from watchkeeper.detection.entities import normalised
from watchkeeper.detection.signals import signal_ids
from watchkeeper.model.batch import Batch
from watchkeeper.model.entity import EntityKind
from watchkeeper.model.level import LEVELS
from watchkeeper.model.signal import SIGNAL_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know neither lists nor scalars in these places
_SCHEMA: Any = SIGNAL_SCHEMA
_TEXTS = pa.list_(pa.string())
_SEPARATOR = "\x1f"
_KINDS = frozenset(get_args(EntityKind))


def is_alerts(batch: Batch) -> bool:
    """Say whether the batch holds alerts of another product."""
    return "signal.rule" in batch.table.column_names


def alert_signals(batch: Batch) -> pa.Table:
    """Give one signal an alert (`SIGNAL_SCHEMA`), in the order of the batch; a level that Sigma does not know becomes the lowest."""
    table = batch.table.combine_chunks()
    events, rules = table.column("_id"), _text(table, "signal.rule")
    techniques = _lists(table, "signal.techniques")
    columns: dict[str, Any] = {
        "id": signal_ids(rules, events.combine_chunks()),
        "event_id": events,
        "time": table.column("_time"),
        "host": table.column("_host"),
        "user": _text(table, "signal.user"),
        "source": table.column("_source"),
        "row": table.column("_row"),
        "rule": rules,
        "title": _text(table, "signal.title"),
        "level": _levels(_text(table, "signal.level")),
        "detector": _text(table, "signal.detector", batch.logsource.product),
        "techniques": techniques,
        "tactics": _translated(pc.binary_join(techniques, _SEPARATOR), _TEXTS, _tactics),
        "entities": _translated(_mentioned(table), _SCHEMA.field("entities").type, _entities),
        "matches": _empty(table.num_rows, _SCHEMA.field("matches").type),
        "synthetic": pc.equal(_text(table, "synthetic"), "true"),
    }
    return pa.table(columns).select(SIGNAL_SCHEMA.names).cast(SIGNAL_SCHEMA)


def _text(table: pa.Table, name: str, default: str = "") -> "pa.Array[Any]":
    if name not in table.column_names:
        return pa.repeat(pa.scalar(default), table.num_rows)
    column = table.column(name).combine_chunks()
    if pa.types.is_list(column.type):
        column = pc.list_element(pc.if_else(pc.greater(pc.list_value_length(column), 0), column, pa.scalar([default], _TEXTS)), 0)
    return pc.fill_null(column, default)


def _lists(table: pa.Table, name: str) -> "pa.Array[Any]":
    """Give a column as lists of text: a single text is a list of one, a missing one an empty list."""
    if name not in table.column_names:
        return _empty(table.num_rows, _TEXTS)
    column: Any = table.column(name).combine_chunks()
    if not pa.types.is_list(column.type):
        column = pc.if_else(column.is_valid(), pa.ListArray.from_arrays(pa.array(range(len(column) + 1), pa.int32()), column), None)
    return pc.coalesce(column, pa.scalar([], _TEXTS))


def _empty(rows: int, kind: "pa.DataType") -> "pa.Array[Any]":
    lists: list[list[object]] = [[]] * rows
    return pa.array(lists, kind)


def _levels(texts: "pa.Array[Any]") -> "pa.Array[Any]":
    lower = pc.utf8_lower(texts)
    return pc.if_else(pc.is_in(lower, pa.array(LEVELS)), lower, LEVELS[0])


def _translated(texts: "pa.Array[Any]", kind: pa.DataType, translate: Callable[[str], object]) -> "pa.Array[Any]":
    """Translate each different text once: alerts repeat themselves."""
    encoded: Any = cast("Any", texts).dictionary_encode()
    return pa.array([translate(text) for text in encoded.dictionary.to_pylist()], kind).take(encoded.indices)


def _mentioned(table: pa.Table) -> "pa.Array[Any]":
    """Give host and entities of each alert in one text."""
    hosts = pc.binary_join_element_wise("host", table.column("_host").combine_chunks(), ":")
    return pc.binary_join_element_wise(hosts, pc.binary_join(_lists(table, "signal.entities"), _SEPARATOR), _SEPARATOR)


def _entities(mentioned: str) -> list[dict[str, str]]:
    named = (text.partition(":") for text in mentioned.split(_SEPARATOR))
    found = (pair for kind, _, value in named if kind in _KINDS for pair in normalised(kind, value))
    return [{"kind": kind, "value": value} for kind, value in dict.fromkeys(found)]


def _tactics(techniques: str) -> list[str]:
    known = (technique(name) for name in techniques.split(_SEPARATOR) if name)
    return list(dict.fromkeys(tactic for one in known if one is not None for tactic in one.tactics))
