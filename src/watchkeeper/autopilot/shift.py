"""The shift list and the state of things: what one who takes over has to know. Owns what counts for that."""

from collections.abc import Callable, Iterable
from datetime import datetime
from importlib.metadata import version
from itertools import islice

from watchkeeper.autopilot.acted import lines as action_lines
from watchkeeper.autopilot.action_figures import Period, held_at
from watchkeeper.autopilot.board import lines
from watchkeeper.autopilot.desk import Desk
from watchkeeper.autopilot.metrics import MOST
from watchkeeper.autopilot.sources_seen import sources_seen
from watchkeeper.model.acted import Acted, ActionLine
from watchkeeper.model.shift import Overview, Shift, ShiftActions
from watchkeeper.model.summary import IncidentFilter, IncidentSummary
from watchkeeper.model.vitals import Heard
from watchkeeper.store import Store

MOST_LISTED = 100


def shift(desk: Desk, heard: Iterable[Heard], period: Period, found: Acted | None) -> Shift:
    """Say what is open, what was done in a time, how actions stand, and what is to be looked at again.

    Raises:
        ValueError: the time ends before it begins.
    """
    since, until = period.since, period.until
    if since is None or until is None or until < since:
        raise ValueError("the shift ends before it begins; `since` is the earlier one")
    store = desk.store
    still = _open(store)
    stood = [said[-1] for said in store.standings().values() if said]
    return Shift(
        since=since,
        until=until,
        open=tuple(still[:MOST_LISTED]),
        more=max(0, len(still) - MOST_LISTED),
        judged=sum(since <= one.time <= until for one in store.feedback()),
        closed=sum(one.state == "closed" and since <= one.time <= until for one in stood),
        to_review=desk.reopened()[:MOST_LISTED],
        silent=_silent(store, heard, until),
        actions=shift_actions(found, since, until) if found else None,
    )


def shift_actions(found: Acted, since: datetime, until: datetime) -> ShiftActions:
    """Say how actions stand at the end of a shift."""
    every = list(action_lines(found))
    states = {one.id: held_at(one, until) for one in found.records}
    now = Period(since, until)

    def those(is_meant: Callable[[ActionLine], bool]) -> list[ActionLine]:
        return [one for one in every if is_meant(one)]

    kinds = (
        sorted(those(lambda one: one.state == "waiting"), key=lambda one: one.deadline or until),
        those(lambda one: states[one.id]),
        those(lambda one: states[one.id] and one.expires is not None and one.expires <= until + (until - since)),
        those(lambda one: one.state in {"failed", "ineffective", "refused"} and now.has(one.changed)),
        those(lambda one: one.state in {"undone", "expired", "lapsed", "denied"} and now.has(one.changed)),
    )
    waiting, in_force, ending, failed, ended = (tuple(one[:MOST_LISTED]) for one in kinds)
    more = sum(max(0, len(one) - MOST_LISTED) for one in kinds)
    return ShiftActions(waiting=waiting, in_force=in_force, ending=ending, failed=failed, ended=ended, more=more)


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
