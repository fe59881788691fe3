"""The shift list and the state of things: what one who takes over has to know. Owns what counts for that."""

from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version
from itertools import islice

from watchkeeper.autopilot.board import lines
from watchkeeper.autopilot.desk import Desk
from watchkeeper.autopilot.metrics import MOST
from watchkeeper.autopilot.sources_seen import sources_seen
from watchkeeper.model.shift import Overview, Shift
from watchkeeper.model.summary import IncidentFilter, IncidentSummary
from watchkeeper.model.vitals import Heard
from watchkeeper.store import Store

MOST_LISTED = 100


def shift(desk: Desk, heard: Iterable[Heard], since: datetime, until: datetime) -> Shift:
    """Say what is open, what was done in a time, and what is to be looked at again.

    Raises:
        ValueError: the time ends before it begins.
    """
    if until < since:
        raise ValueError("the shift ends before it begins; `since` is the earlier one")
    store = desk.store
    found = _open(store)
    stood = [said[-1] for said in store.standings().values() if said]
    return Shift(
        since=since,
        until=until,
        open=tuple(found[:MOST_LISTED]),
        more=max(0, len(found) - MOST_LISTED),
        judged=sum(since <= one.time <= until for one in store.feedback()),
        closed=sum(one.state == "closed" and since <= one.time <= until for one in stood),
        to_review=desk.reopened()[:MOST_LISTED],
        silent=_silent(store, heard, until),
    )


def overview(store: Store, heard: Iterable[Heard], now: datetime) -> Overview:
    """Say how things stand now."""
    found = _open(store)
    return Overview(
        version=version("watchkeeper"),
        tenant=store.tenant,
        open=len(found),
        critical=sum(one.level == "critical" for one in found),
        unassigned=sum(not one.assigned for one in found),
        sources=sum(sender.on for sender in store.senders()),
        silent=_silent(store, heard, now),
        last_change=store.last_change(),
    )


def _open(store: Store) -> list[IncidentSummary]:
    shown = islice(lines(store, IncidentFilter(shown=True, sort="score")), MOST)
    return [one for one in shown if one.status != "closed"]


def _silent(store: Store, heard: Iterable[Heard], now: datetime) -> tuple[str, ...]:
    return tuple(one.sender.name for one in sources_seen(store, heard, now) if one.silent)
