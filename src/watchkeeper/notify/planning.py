"""Planning: which messages an incident's change sets on their way, when each is due, and by which key it is known. Pure."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from watchkeeper.model.level import LEVELS
from watchkeeper.model.message import Message, Outgoing, Reason
from watchkeeper.notify.routes import Matter, Route, Routes, reasons_for, taken

Compose = Callable[[Route, tuple[Reason, ...], str], Message]
"""Writes the message of a route, for reasons, under a key."""


def planned(routes: Routes, matter: Matter, subject: str, compose: Compose, now: datetime) -> tuple[Outgoing, ...]:
    """Give the messages of one change; `subject` says what it is about and what became of it, and is the same if it is planned again."""
    return tuple(_planned(routes, matter, subject, compose, now))


def _planned(routes: Routes, matter: Matter, subject: str, compose: Compose, now: datetime) -> Iterator[Outgoing]:
    told: set[str] = set()
    for route in taken(routes, matter, now):
        due, held = _due(route, matter, now)
        reasons = reasons_for(route, matter)
        told.add(route.name)
        yield Outgoing(message=compose(route, reasons, key_of(subject, route.name)), route=route.name, due=due, held=held)
        for minutes, following in routes.after(route):
            if following.name not in told:
                told.add(following.name)
                key = key_of(subject, following.name, "escalated")
                message = compose(following, ("escalated", *reasons), key)
                yield Outgoing(message=message, route=following.name, due=due + timedelta(minutes=minutes), escalates=True)


def _due(route: Route, matter: Matter, now: datetime) -> tuple[datetime, bool]:
    breaks_through = route.quiet is None or LEVELS.index(matter.level) >= LEVELS.index(route.quiet.unless)
    end = None if breaks_through or route.quiet is None else route.quiet.end_of(now)
    return (now, False) if end is None else (end, True)


def key_of(*parts: str) -> str:
    """Give the key of a message from what makes it the one it is."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
