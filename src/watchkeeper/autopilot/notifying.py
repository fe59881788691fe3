"""Notifying: the action `notify`, carried out by the platform's own routes. Owns the message; the outbox sends it, at least once a route.

A job names routes in its argument `route` (several with commas), or goes by those that its incident takes; `title` and `text` are what
is told beside the incident itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.means import Job, Means, MeansOf
from watchkeeper.model.message import Message, Outgoing, Reason, Section
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import Done, Seen, SeenOutcome
from watchkeeper.notify.planning import key_of, planned
from watchkeeper.notify.routes import Matter, Route, Routes
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.sentences import say, word
from watchkeeper.store import Store
from watchkeeper.store.outbox import MessageKept

ACTION = "notify"
PLACE = "routes"
"""What the place is called where actions are listed."""
_MOST_TITLE, _MOST_LINES, _MOST_LINE = 120, 50, 500
_FEW = 5


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
    outcome, said = _judged(kept)
    return Seen(where="target", outcome=outcome, time=about.clock(), said=said[:2_000])


def _judged(kept: Sequence[MessageKept]) -> tuple[SeenOutcome, str]:
    if not kept:
        return "not-in-force", "no message of it is kept"
    lost = [f"{one.outgoing.route} ({one.note})" for one in kept if one.state == "given-up"]
    late = [one.outgoing.route for one in kept if one.state == "waiting" and not one.outgoing.held]
    held = [one.outgoing.route for one in kept if one.state == "waiting" and one.outgoing.held]
    if lost or late:
        given_up = f"given up: {', '.join(lost)}" if lost else ""
        waiting = f"not taken yet: {', '.join(late)}" if late else ""
        return "not-in-force", "; ".join(filter(None, (given_up, waiting)))
    if held:
        return "unknown", f"held until quiet hours end: {', '.join(held)}"
    return "in-force", f"taken: {', '.join(one.outgoing.route for one in kept)}"


def _messages(job: Job, about: Notifying) -> tuple[Outgoing, ...]:
    routes, incident, now = about.routes(), _incident(job, about.store), about.clock()
    subject = _subject(job)

    def compose(route: Route, why: tuple[Reason, ...], key: str) -> Message:
        return _message(job, incident, (route, why, key), routes.base_url, now)

    if named := job.arguments.get("route", ""):
        found = [_named(routes, name.strip(), job.tenant) for name in named.split(",")]
        return tuple(Outgoing(message=compose(one, ("asked",), key_of(subject, one.name)), route=one.name, due=now) for one in found)
    messages = planned(routes, _matter(job, incident, about.asset_of), subject, compose, now)
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


def _named(routes: Routes, name: str, tenant: str) -> Route:
    route = routes.named(name)
    if route is None or ("*" not in route.tenants and tenant not in route.tenants):
        there = ", ".join(one.name for one in routes.routes) or "none at all"
        raise ValueError(f"there is no route {name[:64]!r} for tenant {tenant!r}; there are {there}")
    return route


def _matter(job: Job, incident: Incident | None, asset_of: Callable[[str], Asset]) -> Matter:
    names = (*(one.value for one in job.targets[:_FEW]), *(incident.hosts if incident else ()))
    owners = tuple(sorted({owner for owner in (asset_of(name).owner for name in names) if owner}))
    level = incident.level if incident else "medium"
    return Matter(tenant=job.tenant, level=level, level_before=None, owners=owners, reasons=("asked",))


def _message(job: Job, incident: Incident | None, asked: tuple[Route, tuple[Reason, ...], str], base_url: str, now: datetime) -> Message:
    route, reasons, key = asked
    lang, full = route.language, route.details == "full"
    title = job.arguments.get("title", "") or (incident.title if incident else ", ".join(one.value for one in job.targets[:_FEW]))
    note = Note(code="told.asked", arguments={"title": shown(title, _MOST_TITLE)})
    short = Note(code="told.asked.short", arguments={"id": job.incident[:12] or job.key[:12]})
    lines = tuple(shown(line, _MOST_LINE) for line in job.arguments.get("text", "").splitlines()[:_MOST_LINES] if line.strip())
    known = (Section(heading=word("told.known", lang), lines=lines),) if lines and full else ()
    page = f"incidents/{quote(job.incident, safe='')}" if job.incident else f"actions/{job.key}"
    return Message(
        key=key,
        tenant=job.tenant,
        incident=job.incident,
        reasons=reasons,
        time=now,
        language=lang,
        details=route.details,
        level=incident.level if incident else "medium",
        outcome=incident.verdict.outcome if incident and incident.verdict else None,
        subject=say(note if full else short, lang),
        sections=(Section(heading=word("told.why", lang), lines=(word("told.because.asked", lang),)), *known),
        hosts=incident.hosts if incident and full else (),
        techniques=incident.techniques if incident and full else (),
        link=f"{base_url.rstrip('/')}/{page}?tenant={quote(job.tenant, safe='')}" if base_url else "",
        link_words=word("told.link" if job.incident else "told.link.action", lang),
        synthetic=incident.synthetic if incident else False,
    )
