"""The event classes of the schema and their numbers. Owns reading `classes.yml`; which event is of which class is the mappings'."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from watchkeeper.content import document

OTHER = 99
"""Number of an activity or a caption that the schema does not know."""
_NEVER, _OTHER = "Unknown", "Other"


@dataclass(frozen=True, slots=True)
class EventClass:
    """One class of events."""

    uid: int
    name: str
    category_uid: int
    category: str
    activities: Mapping[str, int]
    """Number of each activity by its name."""


def event_class(word: str) -> EventClass:
    """Give the class that `classes.yml` calls so.

    Raises:
        KeyError: there is none.
    """
    return _classes()[word]


def class_numbers() -> Mapping[str, int]:
    """Give the number of each class by its name in small letters."""
    return {one.name.lower(): one.uid for one in _classes().values()}


def version() -> str:
    """Give the version of the schema that the view speaks."""
    return str(_written()["version"])


@cache
def _classes() -> Mapping[str, EventClass]:
    written = _written()
    return {word: _class(one, written["categories"]) for word, one in written["classes"].items()}


def _class(written: Mapping[str, Any], categories: Mapping[int, str]) -> EventClass:
    category = written["uid"] % 10_000 // 1_000 if written["uid"] >= 200_000 else written["uid"] // 1_000
    activities = {_NEVER: 0, **{name: number for number, name in written["activities"].items()}, _OTHER: OTHER}
    return EventClass(written["uid"], written["name"], category, categories[category], activities)


def _written() -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", document("schema/classes.yml"))
