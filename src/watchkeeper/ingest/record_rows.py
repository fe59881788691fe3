"""The rows of a record whose format is known. Owns events within one and names that stand in pairs; the grammar is `record_format`'s."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

import msgspec

from watchkeeper.ingest.alert_signals import time_reader
from watchkeeper.ingest.flatten import MAX_FIELDS, TOO_MANY_FIELDS, flatten, text_of
from watchkeeper.ingest.jsonstream import Json, Record
from watchkeeper.ingest.logsources import log_source
from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.ingest.record_format import RecordFormat, found_at
from watchkeeper.model.batch import Value

UNKNOWN = Skipped("JSON of no product that is known")
"""What is yielded for a record, or an event within one, that nobody knows."""
MAX_EVENTS = 100_000
"""Events that one record may hold; no more are read of one."""
MAX_EXPANDED_CHARS = 64 * 1024 * 1024
"""Characters that the events of one record may have together, as each repeats what the record says of all of them."""
_TOO_LARGE = Skipped("event of a record that would repeat too much in each")
_NAMES = ("name", "Name", "Key")
_VALUES = ("value", "intValue", "boolValue", "multiValue", "multiIntValue", "Value", "ValueString")


def record_rows(known: RecordFormat) -> Callable[[Record], Iterator[Row | Skipped]]:
    """Give the function from a record of the format to its rows: one, or one for each event that it holds."""
    row_of = _row_maker(known)

    def rows(record: Record) -> Iterator[Row | Skipped]:
        listed = found_at(record.value, known.items) if known.items else None
        items = cast("list[Json]", listed) if isinstance(listed, list) else []
        if not items:
            yield row_of(record.value, record.raw)
            return
        rest = {name: value for name, value in record.value.items() if name != known.items}
        if len(msgspec.json.encode(rest)) * len(items) > MAX_EXPANDED_CHARS:
            yield from [_TOO_LARGE] * len(items)
            return
        for item in items[:MAX_EVENTS]:
            event = rest | item if isinstance(item, dict) else None
            yield UNKNOWN if event is None else row_of(event, msgspec.json.encode(event).decode())
        yield from [_TOO_LARGE] * (len(items) - MAX_EVENTS)

    return rows


def _row_maker(known: RecordFormat) -> Callable[[Mapping[str, Json], str], Row | Skipped]:
    time = time_reader(known.time)
    pairs = [(path, path.split(".")) for path in known.pairs]

    def row(record: Mapping[str, Json], raw: str) -> Row | Skipped:
        try:
            fields = flatten(record)
        except ValueError:
            return TOO_MANY_FIELDS
        for path, parts in pairs:
            for name, value in _paired(_every(record, parts)):
                fields.setdefault(f"{path}.{name}", value)
        if len(fields) > MAX_FIELDS:
            return TOO_MANY_FIELDS
        host = next((found for name in known.host if isinstance(found := fields.get(name), str) and found), "")
        return Row(log_source(known.product, known.service_of(record)), time(fields), host, fields, raw)

    return row


def _every(value: object, path: list[str]) -> Iterator[Mapping[str, object]]:
    """Yield every object at a path that may lead through lists."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _every(item, path)
    elif isinstance(value, dict):
        found = cast("dict[str, object]", value)
        if path:
            yield from _every(found.get(path[0]), path[1:])
        else:
            yield found


def _paired(found: Iterable[Mapping[str, object]]) -> Iterator[tuple[str, Value]]:
    """Yield the values of names and values, each by its name."""
    for pair in found:
        name = next((pair[key] for key in _NAMES if isinstance(pair.get(key), str)), None)
        value = next((pair[key] for key in _VALUES if pair.get(key) is not None), None)
        if isinstance(name, str) and value is not None:
            yield name, [text_of(one) for one in cast("list[object]", value)] if isinstance(value, list) else text_of(value)
