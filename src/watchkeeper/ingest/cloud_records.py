"""Records of clouds as rows: nested members and members that are JSON text. Owns naming those."""

from collections.abc import Mapping

import msgspec

from watchkeeper.ingest.flatten import MAX_FIELDS, flatten
from watchkeeper.ingest.jsonstream import too_deep
from watchkeeper.model.batch import Value


def cloud_fields(record: Mapping[str, object]) -> dict[str, Value]:
    """Flatten a record; a member whose text is a JSON object or array stays as text and is flattened under its name besides.

    Raises:
        ValueError: there are too many fields.
    """
    fields = flatten(record)
    opened: dict[str, object] = {name: inner for name, value in record.items() if isinstance(value, str) and (inner := _opened(value))}
    for name, value in flatten(opened).items():
        fields.setdefault(name, value)
    if len(fields) > MAX_FIELDS:
        raise ValueError(f"more than {MAX_FIELDS} fields")
    return fields


def _opened(text: str) -> object:
    """Give what a text of JSON holds; none unless it is an object or an array."""
    if text[:1] not in {"{", "["} or text[-1:] not in {"}", "]"}:
        return None
    try:
        found: object = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None
    return None if too_deep(found, text) else found
