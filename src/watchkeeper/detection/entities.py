"""Entities and users of an event, by `content/entities.yml`. Owns naming and normalising them; which of them matter is correlation's."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from watchkeeper.content import document
from watchkeeper.detection.sigma.values import address
from watchkeeper.model.batch import Value

Pair = tuple[str, str]
"""Kind and value of an entity."""


def user_of(product: str, row: Mapping[str, Value]) -> str:
    """Give the user who acted, lower case without domain; a service account only if nobody else is named; empty if unknown."""
    spec = _spec()
    names = [name for field in spec["users"].get(product, ()) for value in _texts(row.get(field)) if (name := _account(value))]
    return next((name for name in names if not _is_noise("user", name)), names[0] if names else "")


def entities_of(product: str, row: Mapping[str, Value], host: str) -> Sequence[Pair]:
    """Give what the event talks about, each once, the host first; well-known noise is left out."""
    found = [("host", host)] if host else []
    for field, kind in _spec()["fields"].get(product, {}).items():
        for value in _texts(row.get(field)):
            found.extend(normalised(kind, value))
    return tuple(dict.fromkeys(found))


def normalised(kind: str, value: str) -> Iterator[Pair]:
    """Yield the entities that a text names (several hashes may stand in one), normalised; nothing if it is noise."""
    return (pair for pair in _normalised(kind, value) if not _is_noise(*pair))


@cache
def _spec() -> Any:
    return document("entities.yml")


def _texts(value: Value | None) -> Sequence[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _account(value: str) -> str:
    name = value.strip().rpartition("\\")[2].partition("@")[0].lower()
    return "" if name in {"-", ""} else name


def _normalised(kind: str, value: str) -> Iterator[Pair]:
    text = value.strip()
    match kind:
        case "user" | "account":
            yield kind, _account(text)
        case "host":
            yield kind, text.lstrip("\\").partition(".")[0].lower()
        case "address":
            found = address(text)
            if found is not None and not (found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast):
                yield kind, str(found)
        case "hash":
            yield from ((kind, part.rpartition("=")[2].lower()) for part in text.split(",") if not part.upper().startswith("IMPHASH"))
        case "domain":
            yield kind, text.rstrip(".").lower()
        case _:
            yield kind, text.lower()


def _is_noise(kind: str, value: str) -> bool:
    return not value or value in _noise().get(kind, frozenset()) or (kind == "user" and value.endswith("$"))


@cache
def _noise() -> Mapping[str, frozenset[str]]:
    parsed: dict[str, list[str]] = _spec()["noise"]
    return {kind: frozenset(values) for kind, values in parsed.items()}
