"""The record an incident was found in: its case's kept events, or the events of the stream. Owns which of them is asked."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from watchkeeper.lake import Kept
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.page import Page, cursor, place
from watchkeeper.model.query import Query, Search
from watchkeeper.store import Store

Item = TypeVar("Item")
EventsOf = Callable[[str], Search | None]
"""Gives the events of a tenant's stream; none where none are kept."""


@contextmanager
def searching(store: Store, incident: Incident, stream: Search | None) -> Generator[Search]:
    """Give what answers queries about the events that an incident was found in.

    Raises:
        ValueError: the events of its case are not kept any more, and there is no stream.
    """
    folder = case_folder(store, incident)
    if folder is None:
        yield stream or _nothing
        return
    with closing(Kept(folder / "events")) as kept:
        yield kept.search


def case_folder(store: Store, incident: Incident) -> Path | None:
    """Give the folder of the case that an incident, or a part of it, was found in; none if it is of the stream, or the folder is gone."""
    folders = {case.id: case.out for case in store.cases()}
    mine = {incident.id, *(note.arguments.get("incident", "") for note in incident.why)}
    found = (folders.get(case) for case, one in store.placed_incidents() if one in mine)
    return next((folder for folder in found if folder and folder.is_dir()), None)


def beside(items: Sequence[Item], after: str, limit: int) -> Page[Item]:
    """Give a page of a list that only grows at its end.

    Raises:
        ValueError: the cursor is none of this list.
    """
    first = max(0, int(place(after, int)[0])) if after else 0
    return Page(items=tuple(items[first : first + limit]), next=cursor(first + limit) if len(items) > first + limit else "")


def _nothing(_: Query) -> Iterator[Event]:
    yield from ()
