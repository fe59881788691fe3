"""Whose: under which names a process stands in the stored edges, and for how long an id was its. Owns telling runs of one id apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchkeeper.model.edges import Around, Neighbours
from watchkeeper.tracing.edges import IS

AT_ONCE = timedelta(seconds=5)
"""By so much may two records of one start differ, and the record of a cause lag behind that of its effect."""
_FEW = 200


@dataclass(frozen=True, slots=True)
class Run:
    """A name of a process, and from when to when it was its."""

    thing: int
    start: datetime | None = None
    end: datetime | None = None


def runs(edges: Neighbours, thing: int, key: str, moment: datetime | None) -> list[Run]:
    """Give every name of the process that had this one at that time; anything else has one name for ever."""
    kind, _, rest = key.partition("|")
    if kind != "process":
        return [Run(thing)]
    identity = rest.partition("|")[2]
    if identity.startswith("{"):
        return _of_guid(edges, thing)
    return _of_id(edges, thing, moment) if identity.isdecimal() else [Run(thing)]


def _of_guid(edges: Neighbours, thing: int) -> list[Run]:
    named = next((row for row in rows(edges, thing, Around(limit=_FEW)) if row["kind"] == IS), None)
    if named is None or named["time"] is None:
        return [Run(thing)]
    return [Run(thing), Run(named["target"], named["time"] - AT_ONCE, _until(edges, named["target"], named["time"], thing))]


def _of_id(edges: Neighbours, thing: int, moment: datetime | None) -> list[Run]:
    end = moment + AT_ONCE if moment else None
    begun = list(begins(edges, thing, Around(back=True, end=end, newest=True, limit=_FEW)))
    if not begun:
        return [Run(thing)]
    last = begun[0]["time"]
    holder = next((row["source"] for row in begun if row["kind"] == IS and last - row["time"] <= AT_ONCE), None)
    if holder is not None:
        return _of_guid(edges, holder)
    return [Run(thing, last - AT_ONCE, _until(edges, thing, last, None))]


def begins(edges: Neighbours, thing: int, around: Around) -> Iterator[dict[str, Any]]:
    """Yield the edges at which an id was somebody's, those with a time."""
    yield from (row for row in rows(edges, thing, around) if row["kind"] in {IS, "started"} and row["time"] is not None)


def _until(edges: Neighbours, thing: int, start: datetime, holder: int | None) -> datetime | None:
    """Give when an id became somebody else's."""
    later = begins(edges, thing, Around(back=True, start=start + AT_ONCE, limit=_FEW))
    return next((row["time"] for row in later if row["kind"] != IS or row["source"] != holder), None)


def rows(edges: Neighbours, thing: int, around: Around) -> list[dict[str, Any]]:
    """Give a thing's edges one by one (`FOUND`)."""
    return edges(thing, around)[0].to_pylist()
