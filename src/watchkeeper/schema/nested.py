"""A row of the view as the nested record that the schema describes. Owns undoing the flat names; nothing is computed here."""

from collections.abc import Mapping
from typing import TypeAlias, cast

from watchkeeper.schema.attributes import is_list_of_objects

Record: TypeAlias = dict[str, object]


def nested(row: Mapping[str, object]) -> Record:
    """Nest attributes by the dots in their paths; lists under the name of several objects become those objects.

    Reserved columns and attributes without a value are left out.
    """
    record: Record = {}
    for path, value in row.items():
        if value is not None and not path.startswith("_"):
            _put(record, path.split("."), value)
    return record


def _put(record: Record, parts: list[str], value: object) -> None:
    part, *rest = parts
    if not rest:
        record[part] = value
    elif is_list_of_objects(part) and isinstance(value, list):
        _spread(cast("list[Record]", record.setdefault(part, [])), rest, cast("list[object]", value))
    else:
        inner = record.setdefault(part, {})
        if isinstance(inner, dict):
            _put(cast("Record", inner), rest, value)


def _spread(objects: list[Record], rest: list[str], values: list[object]) -> None:
    """Give each of several objects its value; there are as many objects as the longest list has values."""
    objects.extend({} for _ in range(len(values) - len(objects)))
    for one, value in zip(objects, values, strict=False):
        if value is not None:
            _put(one, rest, [value] if any(map(is_list_of_objects, rest)) else value)
