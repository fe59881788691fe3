"""Query: how a step asks for events without knowing where they are kept. Owns the shape; the lake answers it."""

from collections.abc import Callable, Iterator

from pydantic import AwareDatetime

from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.noun import Noun


class Query(Noun):
    """Which events are wanted; every condition given must hold, an empty one is no condition."""

    ids: tuple[str, ...] = ()
    """Event ids."""
    hosts: tuple[str, ...] = ()
    """Hosts the event is about."""
    start: AwareDatetime | None = None
    """Not earlier than this, UTC."""
    end: AwareDatetime | None = None
    """Not later than this, UTC."""
    logsources: tuple[LogSource, ...] = ()
    """Any of these log sources; an empty service or event type within one matches all."""
    without: tuple[str, ...] = ()
    """Not of these products."""
    mentions: tuple[str, ...] = ()
    """The record's text holds any of these, whatever the case."""
    limit: int = 50_000
    """At most so many, earliest first."""


Search = Callable[[Query], Iterator[Event]]
"""Answers a query with events in time order; events without a time come last."""
