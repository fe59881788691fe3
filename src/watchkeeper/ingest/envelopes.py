"""What collectors put around records of other products. Owns taking it off; whose record is inside is `json_records`' to say.

Source: the documentation of Amazon EventBridge (event structure), CloudWatch Logs (subscription filters), Elasticsearch (search API),
Splunk (export), Wazuh (integrations), Microsoft Graph and Kubernetes (lists).
"""

from collections.abc import Iterator, Mapping
from typing import cast

from watchkeeper.ingest.jsonstream import Json, Record, decode_text

LISTS = (
    "Records",
    "records",
    "logEvents",
    "items",
    "value",
    "events",
    "Events",
    "entries",
    "resources",
    "Findings",
    "findings",
    "hits",
    "results",
)
"""Members that may hold the records of a document."""
_MEMBERS = ("detail", "_source", "result", "event", "jsonPayload", "message", "Message", "_raw", "body", "data", "finding", "all_fields")
"""Members that may hold the record, or its text."""
_NAMED_BY = "integration"
"""Wazuh names the member that holds the record."""
_MAX_DEPTH = 4


def unwrapped(record: Mapping[str, Json], depth: int = 0) -> Iterator[dict[str, Json]]:
    """Yield what stands in a record's envelope, the likeliest first and the outermost first; nothing if it has none."""
    if depth >= _MAX_DEPTH:
        return
    inner = [found for value in _holders(record) if (found := _object(value)) is not None]
    yield from inner
    for one in inner:
        yield from unwrapped(one, depth + 1)


def listed(record: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Give the records that a document lists; nothing if it is none."""
    for name in LISTS:
        value = record.get(name)
        if isinstance(value, dict):  # Elasticsearch lists its hits within hits
            value = value.get(name)
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            return cast("list[dict[str, Json]]", value)
    return []


def _holders(record: Mapping[str, Json]) -> Iterator[Json]:
    named = record.get(_NAMED_BY)
    if isinstance(named, str):
        yield record.get(named)
    properties, category = record.get("properties"), record.get("category")
    if isinstance(properties, dict) and isinstance(category, str) and category.startswith("kube-"):
        yield properties.get("log")  # AKS hands on what the API server wrote
    for name in _MEMBERS:
        yield record.get(name)


def _object(value: Json) -> dict[str, Json] | None:
    if isinstance(value, str) and value[:1] == "{" and value[-1:] == "}":
        found = decode_text(value)
        return found.value if isinstance(found, Record) else None
    return value if isinstance(value, dict) else None
