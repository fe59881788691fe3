"""The mappings of products, each read when it is first asked for. Owns which event is of which class, and which native field is what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, cast

from watchkeeper.content import document, folder
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema.classes import EventClass, event_class
from watchkeeper.schema.spec import Condition, Spec, condition, spec, texts

GENERAL = "general"
"""The mapping for products without one of their own."""
_NOT_PRODUCTS = frozenset({"classes", "types", "ecs", GENERAL})
_FILE_WORDS = frozenset({"fields", "events", "kinds"})
_EVENT_WORDS = frozenset({"services", "event_types", "when", "class", "activity", "fields", "kinds"})
_BASE = "base_event"


@dataclass(frozen=True, slots=True)
class Shape:
    """What events of one kind look like in the schema."""

    of: EventClass
    activity: Spec
    fields: Mapping[str, Spec]
    """Attribute by its path to where it comes from."""
    when: Condition | None = None
    """Which of the log's events; none means all that no earlier shape took."""
    kinds: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    """Attributes that do not name the same kind of entity here as everywhere, with the kind that they do, none for none."""


@dataclass(frozen=True, slots=True)
class _Entry:
    services: frozenset[str]
    event_types: frozenset[str]
    shape: Shape

    def takes(self, service: str, event_type: str) -> bool:
        return (not self.services or service in self.services) and (not self.event_types or event_type in self.event_types)


@dataclass(frozen=True, slots=True)
class _Mapping:
    entries: Sequence[_Entry] = ()
    base: Mapping[str, Spec] = field(default_factory=dict[str, Spec])
    kinds: Mapping[str, str | None] = field(default_factory=dict[str, str | None])


def shapes_of(source: LogSource) -> tuple[Shape, ...]:
    """Give the shapes of a log source's events in the order in which they are tried; the last takes every event."""
    return _shapes_of(source.product, source.service.lower(), source.event_type.lower())


@lru_cache(maxsize=4_096)
def _shapes_of(product: str, service: str, event_type: str) -> tuple[Shape, ...]:
    mapping = _mapping(product)
    found: list[Shape] = []
    for entry in mapping.entries:
        if entry.takes(service, event_type):
            found.append(entry.shape)
            if entry.shape.when is None:
                return tuple(found)
    return (*found, everywhere(product))


def everywhere(product: str) -> Shape:
    """Give what a product's mapping says of all its logs; of one without a mapping, the usual words."""
    mapping = _mapping(product)
    return Shape(event_class(_BASE), (), mapping.base, None, mapping.kinds)


def products() -> tuple[str, ...]:
    """Give every product that has a mapping of its own."""
    return tuple(sorted(path.stem for path in folder("schema").glob("*.yml") if path.stem not in _NOT_PRODUCTS))


@cache
def _mapping(product: str) -> _Mapping:
    """Give the mapping of a product: the file that is called like it, or the general one."""
    return _read(f"{product}.yml") if product in products() else _read(f"{GENERAL}.yml")


@cache
def _read(name: str) -> _Mapping:
    written = cast("dict[str, Any]", document(f"schema/{name}"))
    _check(written, _FILE_WORDS, name)
    whole = _Mapping((), _fields(written.get("fields"), name), written.get("kinds", {}))
    entries = tuple(_entry(one, whole, f"{name}, event {number}") for number, one in enumerate(written.get("events", ()), 1))
    return _Mapping(entries, whole.base, whole.kinds)


def _entry(written: Mapping[str, Any], whole: _Mapping, place: str) -> _Entry:
    _check(written, _EVENT_WORDS, place)
    merged = {**whole.base, **_fields(written.get("fields"), place)}
    shape = Shape(
        event_class(written["class"]),
        _activity(written.get("activity"), place),
        {path: steps for path, steps in merged.items() if steps},
        condition(written.get("when"), place),
        {**whole.kinds, **written.get("kinds", {})},
    )
    services, kinds = (frozenset(one.lower() for one in texts(written.get(word))) for word in ("services", "event_types"))
    return _Entry(services, kinds, shape)


def _activity(written: object, place: str) -> Spec:
    if written is None:
        return ()
    return spec({"value": written} if isinstance(written, str) else written, f"{place}, activity")


def _fields(written: object, place: str) -> dict[str, Spec]:
    """Read fields; an attribute without a spec is taken out of what holds for all logs."""
    said = cast("dict[str, object]", written or {})
    return {path: () if one is None else spec(one, f"{place}, {path}") for path, one in said.items()}


def _check(written: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    unknown = sorted(written.keys() - known)
    if unknown:
        raise ValueError(f"{place}: {unknown[0]!r} is not known; known are {', '.join(sorted(known))}")
