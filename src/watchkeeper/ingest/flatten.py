"""Nested JSON as flat native fields with dotted names. Owns the naming and the text of values; which fields matter is each reader's."""

from collections.abc import Iterator, Mapping
from typing import cast

import msgspec

from watchkeeper.ingest.reader import Skipped
from watchkeeper.model.batch import Value

MAX_DEPTH = 24
"""Objects nested deeper than this stay JSON text under the name reached so far."""

MAX_NAME_CHARS = 256
"""What stands beneath a name longer than this stays JSON text under it: each leaf repeats all of the name above it."""

MAX_FIELDS = 4_096
"""A record with more leaves than this is no log record."""

TOO_MANY_FIELDS = Skipped(f"more than {MAX_FIELDS} fields")
"""What a reader yields for a record that `flatten` refuses."""


def flatten(record: Mapping[str, object]) -> dict[str, Value]:
    """Give each leaf of a record a dotted name.

    Numbers and booleans become text, null is left out, an array of scalars becomes a list of text, and an array of objects gives each leaf
    path (`a.b`) the list of its values.

    Raises:
        ValueError: there are more than `MAX_FIELDS` leaves.
    """
    fields: dict[str, Value] = {}
    for name, value in record.items():
        if isinstance(value, str):
            fields[name] = value
        else:
            _add(fields, name, value)
        if len(fields) > MAX_FIELDS:
            raise ValueError(f"more than {MAX_FIELDS} fields")
    return fields


def text_of(value: object) -> str:
    """Write a JSON scalar as its source does: true, false, the number; anything else as compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return msgspec.json.encode(value).decode()


def _add(fields: dict[str, Value], name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, dict):
        for path, leaf in _leaves(name, cast("dict[str, object]", value), 1):
            fields[path] = leaf
            if len(fields) > MAX_FIELDS:
                return
    elif isinstance(value, list):
        fields.update(_gathered(name, cast("list[object]", value), 1))
    else:
        fields[name] = text_of(value)


def _leaves(name: str, value: Mapping[str, object], depth: int) -> Iterator[tuple[str, Value]]:
    if depth >= MAX_DEPTH or len(name) > MAX_NAME_CHARS:
        yield name, text_of(value)
        return
    for key, inner in value.items():
        path = f"{name}.{key}"
        if isinstance(inner, dict):
            yield from _leaves(path, cast("dict[str, object]", inner), depth + 1)
        elif isinstance(inner, list):
            yield from _gathered(path, cast("list[object]", inner), depth + 1).items()
        elif inner is not None:
            yield path, text_of(inner)


def _gathered(name: str, items: list[object], depth: int) -> dict[str, list[str]]:
    gathered: dict[str, list[str]] = {} if items else {name: []}
    if depth >= MAX_DEPTH:
        return {name: [text_of(items)]}
    for item in items:
        if isinstance(item, dict):
            found: Iterator[tuple[str, Value]] = _leaves(name, cast("dict[str, object]", item), depth + 1)
        elif isinstance(item, list):
            found = iter(_gathered(name, cast("list[object]", item), depth + 1).items())
        else:
            found = iter([] if item is None else [(name, text_of(item))])
        for path, leaf in found:
            gathered.setdefault(path, []).extend([leaf] if isinstance(leaf, str) else leaf)
    return gathered
