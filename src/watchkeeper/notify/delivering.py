"""Delivering: what is due goes, what fails comes again later, what fails for too long is given up and shown. Owns no storage.

At least once: who dies between handing a message over and noting it sends it again, under the same key.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import repeat

from watchkeeper.model.message import Message, Outgoing
from watchkeeper.notify import CHANNELS
from watchkeeper.notify.channel import NotSentError, Sending
from watchkeeper.notify.routes import Route, Routes
from watchkeeper.settings.references import Reveal, reveal

AT_ONCE = 5
"""More messages than this that are due on one route at the same time go as one."""
MOST_ATTEMPTS = 12
"""A message that failed so often, about five hours after the first time, is given up."""
_FIRST_WAIT, _MOST_WAIT = timedelta(seconds=30), timedelta(hours=1)
_THREADS = 4
_CHANNELS = {channel.name: channel for channel in CHANNELS}


@dataclass(frozen=True, slots=True)
class Sent:
    """It was handed over."""

    note: str = ""
    """What was left out; empty if nothing."""


@dataclass(frozen=True, slots=True)
class Later:
    """It failed, and is tried again."""

    why: str
    due: datetime


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Nobody will get it by this route."""

    why: str


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """Somebody acknowledged in time."""


Fate = Sent | Later | GivenUp | NotNeeded


@dataclass(frozen=True, slots=True)
class Outbox:
    """Where messages wait."""

    take: Callable[[datetime], Sequence[Outgoing]]
    """Gives what is due and keeps it from being taken again for some minutes; each taking counts as an attempt."""
    settle: Callable[[Sequence[Outgoing], Fate], None]
    """Notes what became of messages."""
    acknowledged: Callable[[Message], bool]
    """Says whether somebody acknowledged what a message is about since it was made."""


@dataclass(slots=True)
class Delivered:
    """What one round did, by channel."""

    sent: Counter[str] = field(default_factory=Counter[str])
    failed: Counter[str] = field(default_factory=Counter[str])
    given_up: Counter[str] = field(default_factory=Counter[str])
    why: list[str] = field(default_factory=list[str])
    """Reasons of what failed, in words, without secrets."""


Digest = Callable[[Route, Sequence[Message]], Message]
"""Makes one message of several."""


def deliver_due(outbox: Outbox, routes: Routes, digest: Digest, now: datetime, reveal: Reveal = reveal) -> Delivered:
    """Send everything that is due, routes beside each other, so that one that hangs keeps no other waiting."""
    done = Delivered()
    parcels = list(_parcels(outbox, routes, now))
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="notify") as pool:
        fates = pool.map(_fate, parcels, repeat(digest), repeat(Sending(reveal, now)))
        for (route, parcel), fate in zip(parcels, fates, strict=True):
            outbox.settle(parcel, fate)
            _count(done, route, fate)
    return done


def send(message: Message, route: Route, sending: Sending) -> str:
    """Send one message by a route now, and say what was left out.

    Raises:
        NotSentError: it was not taken.
    """
    try:
        return _CHANNELS[route.to.channel].send(message, route.to, sending)
    except ValueError as error:
        raise NotSentError(str(error)) from error


def place(route: Route) -> str:
    """Say where a route leads, without secrets."""
    return _CHANNELS[route.to.channel].place(route.to)


Parcel = tuple[Route, Sequence[Outgoing]]


def _parcels(outbox: Outbox, routes: Routes, now: datetime) -> Iterator[Parcel]:
    by_route: defaultdict[str, list[Outgoing]] = defaultdict(list)
    for one in outbox.take(now):
        if one.escalates and outbox.acknowledged(one.message):
            outbox.settle([one], NotNeeded())
        else:
            by_route[one.route].append(one)
    for name, waiting in by_route.items():
        route = routes.named(name)
        if route is None:
            outbox.settle(waiting, GivenUp(f"there is no route {name!r} any more"))
            continue
        held = [one for one in waiting if one.held]
        others = [one for one in waiting if not one.held]
        yield from ((route, parcel) for parcel in ([held] if held else []))
        yield from ((route, parcel) for parcel in ([others] if len(others) > AT_ONCE else [[one] for one in others]))


def _fate(parcel: Parcel, digest: Digest, sending: Sending) -> Fate:
    route, waiting = parcel
    try:
        message = waiting[0].message if len(waiting) == 1 else digest(route, [one.message for one in waiting])
        return Sent(send(message, route, sending))
    except NotSentError as error:
        return _failed(waiting, error, sending.now)
    except Exception as error:  # noqa: BLE001 -- the boundary of a message: one that cannot be sent must keep no other waiting
        return _failed(waiting, NotSentError(f"{type(error).__name__} while it was made"), sending.now)


def _failed(waiting: Sequence[Outgoing], error: NotSentError, now: datetime) -> Fate:
    attempts = min(one.attempts for one in waiting)
    if error.final or attempts >= MOST_ATTEMPTS:
        return GivenUp(str(error))
    return Later(str(error), now + max(wait(attempts), timedelta(seconds=error.retry_after_seconds)))


def wait(attempts: int) -> timedelta:
    """Give how long to wait after so many attempts: half a minute, doubled each time, up to an hour."""
    return min(_FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 20), _MOST_WAIT)


def _count(done: Delivered, route: Route, fate: Fate) -> None:
    channel = route.to.channel
    match fate:
        case Sent(note):
            done.sent[channel] += 1
            done.why += [f"route {route.name!r}: {note}"] if note else []
        case Later(why):
            done.failed[channel] += 1
            done.why.append(f"route {route.name!r}: {why}")
        case GivenUp(why):
            done.failed[channel] += 1
            done.given_up[channel] += 1
            done.why.append(f"route {route.name!r}: given up: {why}")
        case NotNeeded():
            return
