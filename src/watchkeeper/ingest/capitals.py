"""Records that lost the capitals of their names, as in tables of Hive and Athena. Owns giving them back; the names stand in the content."""

from collections.abc import Iterator, Mapping
from functools import cache

from watchkeeper.content import document
from watchkeeper.ingest.jsonstream import Json

_ENOUGH = 3
"""Names that must have got their capitals back, before a record is taken for a product's."""
_MAX_DEPTH = 12


def recased(record: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """Yield the record with the names of each product that it may be from; nothing for one that has capitals of its own."""
    if not record or any(name != name.lower() for name in record):
        return
    for names in _products():
        if sum(name in names for name in record) >= _ENOUGH:
            yield {names.get(name, name): _given_back(value, names, 1) for name, value in record.items()}


@cache
def _products() -> tuple[Mapping[str, str], ...]:
    listed: Mapping[str, list[str]] = document("capitals.yml")
    return tuple({name.lower(): name for name in names} for names in listed.values())


def _given_back(value: Json, names: Mapping[str, str], depth: int) -> Json:
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, dict):
        return {names.get(name, name): _given_back(inner, names, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_given_back(inner, names, depth + 1) for inner in value]
    return value
