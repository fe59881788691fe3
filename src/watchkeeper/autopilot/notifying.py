"""Notifying: the action `notify`, carried out by the platform's own routes. The outbox sends the message, at least once a route.

A job names routes in its argument `route` (several with commas), or goes by those that its incident takes; `title` and `text` are what
is told beside the incident itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.autopilot.plain_telling import Told, told_messages
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.means import Job, Means, MeansOf
from watchkeeper.model.message import Outgoing
from watchkeeper.model.proposal import Done, Seen, SeenOutcome
from watchkeeper.notify.planning import key_of
from watchkeeper.notify.routes import Routes
from watchkeeper.store import Store
from watchkeeper.store.outbox import MessageKept

ACTION = "notify"
PLACE = "routes"
"""What the place is called where actions are listed."""
_FEW = 5
_SOON = timedelta(minutes=5)
"""A message that no route took for so long has not arrived."""


@dataclass(frozen=True, slots=True)
class Notifying:
    """What telling people needs to know."""

    store: Store
    """The tenant's: messages wait in it."""
    routes: Callable[[], Routes]
    """Gives the routes as they are now."""
    asset_of: Callable[[str], Asset]
    """Gives what is known of a host: its owner decides about routes."""
    clock: Callable[[], datetime]
    """The time, UTC."""


def notify_means(about: Notifying) -> Means:
    """Give how `notify` is carried out; it cannot be taken back.

    Each function raises:
        OSError: the database cannot be read or written.
        ValueError: no route takes it, or a route that is named is none.
    """
    return Means(PLACE, ACTION, lambda job: _do(job, about), None, lambda job: _check(job, about))


def means_with(about: Notifying, others: MeansOf) -> MeansOf:
    """Give the means of `notify` by the platform's routes, and of everything else where others find them."""
    means = notify_means(about)
    return lambda proposal: means if proposal.action == ACTION else others(proposal)


def _do(job: Job, about: Notifying) -> Done:
    messages = _messages(job, about)
    about.store.keep_messages(messages)
    names = ", ".join(dict.fromkeys(one.route for one in messages))
    return Done(said=f"people are told by {names}"[:2_000])


def _check(job: Job, about: Notifying) -> Seen:
    """Look at what became of the messages: that they were decided says nothing, that a route took them does."""
    wanted = {key_of(_subject(job), route.name) for route in about.routes().routes}
    found = [one for one in about.store.messages(job.incident, 500) if one.outgoing.message.key in wanted]
    kept = sorted(found, key=lambda one: one.outgoing.route)
    outcome, said = _judged(kept, about.clock())
    return Seen(where="target", outcome=outcome, time=about.clock(), said=said[:2_000])


def _judged(kept: Sequence[MessageKept], now: datetime) -> tuple[SeenOutcome, str]:
    if not kept:
        return "not-in-force", "no message of it is kept"
    lost = [f"{one.outgoing.route} ({one.note})" for one in kept if one.state == "given-up"]
    waiting = [one.outgoing for one in kept if one.state == "waiting"]
    late = [one.route for one in waiting if not one.held and now - one.due > _SOON]
    if lost or late:
        given_up = f"given up: {', '.join(lost)}" if lost else ""
        not_taken = f"not taken in time: {', '.join(late)}" if late else ""
        return "not-in-force", "; ".join(filter(None, (given_up, not_taken)))
    if waiting:
        held = "held until quiet hours end" if all(one.held for one in waiting) else "not taken yet"
        return "unknown", f"{held}: {', '.join(one.route for one in waiting)}"
    return "in-force", f"taken: {', '.join(one.outgoing.route for one in kept)}"


def _messages(job: Job, about: Notifying) -> tuple[Outgoing, ...]:
    incident = _incident(job, about.store)
    names = tuple(one.value for one in job.targets[:_FEW])
    told = Told(
        tenant=job.tenant,
        incident=job.incident,
        reason="asked",
        subject=_subject(job),
        title=job.arguments.get("title", "") or (incident.title if incident else ", ".join(names)),
        lines=lambda _: tuple(job.arguments.get("text", "").splitlines()),
        page=f"actions/{job.key}",
        names=names,
        route=job.arguments.get("route", ""),
    )
    messages = told_messages(told, incident, about.routes(), about.asset_of, about.clock())
    if not messages:
        raise ValueError("no route in notify.yml takes this now; name one in the argument `route`, or add one with the reason `asked`")
    return messages


def _subject(job: Job) -> str:
    return "\0".join((job.tenant, ACTION, job.key))


def _incident(job: Job, store: Store) -> Incident | None:
    if not job.incident:
        return None
    live = store.live_incident(job.incident)
    return live.incident if live else next((one for one in store.incidents() if one.id == job.incident), None)
