"""Incidents of the stream, page by page, as long as somebody wants more. Owns the walk alone; what they are is the store's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from watchkeeper.model.live import LiveIncident
from watchkeeper.store import Store, Wanted

_AT_ONCE = 200


def every_live(store: Store, wanted: Wanted, most: int) -> Iterator[LiveIncident]:
    """Yield incidents of the stream in the order that is wanted, so many at most."""
    left = most
    while left > 0:
        page = store.live_incidents(replace(wanted, most=min(left, _AT_ONCE)))
        yield from page
        left -= len(page)
        if len(page) < min(left + len(page), _AT_ONCE):
            return
        last = page[-1]
        key = last.incident.score if wanted.order == "score" else first_of(last)
        wanted = replace(wanted, after=(key, last.incident.id))


def first_of(one: LiveIncident) -> datetime:
    """Give the time of its first signal; when it was first kept, if that has none."""
    return one.incident.start or one.opened
