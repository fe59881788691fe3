"""Which fields an event has by its published schema, by `content/fields.yml`. Owns the lookup; most log sources are not listed there."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from watchkeeper.content import document
from watchkeeper.detection.routing import Place


def known_fields(place: Place) -> frozenset[str] | None:
    """Give every field, by any name a rule may use for it, of the events of a place; none if their schema is not known."""
    if place.source.product != "windows":
        return None
    log = _schema().get(place.route.service.lower())
    kinds = place.route.event_types
    if log is None or not kinds or not kinds <= log.keys():
        return None
    return _everywhere().union(place.route.fields, place.route.derived, *(log[kind] for kind in kinds))


@cache
def _everywhere() -> frozenset[str]:
    return frozenset(document("fields.yml")["everywhere"])


@cache
def _schema() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Give for each log, in lower case, what its events of each type have beside what is everywhere."""
    parsed: dict[str, Any] = document("fields.yml")
    return {name.lower(): _kinds(log) for name, log in parsed.items() if name != "everywhere"}


def _kinds(log: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    return {kind: frozenset((*log["all"], *fields)) for kind, fields in log.items() if kind != "all"}
