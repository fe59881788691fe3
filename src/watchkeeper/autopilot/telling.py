"""Telling: what people are told of an incident, written for each route in its language. Owns the messages; `notify` decides and sends."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from watchkeeper.autopilot.warn import UNKNOWN_AT_ONCE, known_at_once
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.level import LEVELS
from watchkeeper.model.message import Details, Message, Outgoing, Reason, Section
from watchkeeper.model.note import Note
from watchkeeper.model.principal import DEFAULT_TENANT
from watchkeeper.notify.channel import Sending
from watchkeeper.notify.delivering import place, send
from watchkeeper.notify.planning import key_of, planned
from watchkeeper.notify.routes import Matter, Route, Routes
from watchkeeper.notify.worth import worth_telling
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.sentences import say, word
from watchkeeper.reporting.times import moment, percent
from watchkeeper.settings.references import reveal

_FEW = 5
"""Hosts, steps and reasons that one message names; the console has all."""
_MOST_TITLE = 120
_MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Change:
    """An incident as it was when people could last hear of it, and as it is now."""

    tenant: str
    before: Incident | None
    after: Incident
    is_reopened: bool = False
    """It was closed, and is open again."""
    exercise: str = ""
    """Name of the exercise that it is wholly part of as it is now; empty if it is real."""


def outgoing(change: Change, routes: Routes, asset_of: Callable[[str], Asset], now: datetime) -> tuple[Outgoing, ...]:
    """Give the messages that a change of an incident sets on their way, to be kept together with the change; mostly none.

    The same change gives the same keys, so that nobody is told twice if it is planned again after a restart.
    """
    reasons = worth_telling(change.before, change.after, lambda name: asset_of(name).protected, is_reopened=change.is_reopened)
    if not reasons:
        return ()
    incident, before = change.after, change.before
    owners = incident.notice.recipients if incident.notice else tuple(asset_of(host).owner for host in incident.hosts)
    heard = before.level if before is not None and before.shown else None
    matter = Matter(tenant=change.tenant, level=incident.level, level_before=heard, owners=tuple(filter(None, owners)), reasons=reasons)

    def compose(route: Route, why: tuple[Reason, ...], key: str) -> Message:
        return _message(change, (route, why, key), routes.base_url, now)

    return planned(routes, matter, _subject(change, reasons), compose, now)


def _subject(change: Change, reasons: Sequence[Reason]) -> str:
    """Say what is told by what became of the incident: it is the same if it is planned again, and another after the next change.

    That an incident is new is told once, whatever else has become of it when somebody who was cut off tells it again.
    """
    incident = change.after
    named = (change.tenant, incident.id, *reasons)
    if "new" in reasons:
        return "\0".join(named)
    outcome = incident.verdict.outcome if incident.verdict else ""
    end = incident.end.isoformat() if incident.end else ""
    return "\0".join((*named, incident.level, outcome, end, *sorted(incident.hosts)))


def _message(change: Change, asked: tuple[Route, tuple[Reason, ...], str], base_url: str, now: datetime) -> Message:
    route, reasons, key = asked
    incident, tenant = change.after, change.tenant
    full = route.details == "full"
    return Message(
        key=key,
        tenant=tenant,
        incident=incident.id,
        reasons=reasons,
        time=now,
        language=route.language,
        details=route.details,
        level=incident.level,
        outcome=incident.verdict.outcome if incident.verdict else None,
        subject=_headline(change, reasons, route.language, route.details),
        sections=tuple(_sections(change, reasons, route)),
        hosts=incident.hosts if full else (),
        techniques=incident.techniques if full else (),
        link=f"{base_url.rstrip('/')}/incidents/{quote(incident.id, safe='')}?tenant={quote(tenant, safe='')}" if base_url else "",
        link_words=word("told.link", route.language),
        synthetic=incident.synthetic,
        exercise=change.exercise,
    )


def _headline(change: Change, reasons: Sequence[Reason], lang: Language, details: Details) -> str:
    incident = change.after
    marks = (
        word("told.synthetic", lang) if incident.synthetic else "",
        say(Note(code="told.exercise", arguments={"name": shown(change.exercise, _MOST_TITLE)}), lang) if change.exercise else "",
    )
    mark = "".join(f"{one} " for one in marks if one)
    why = word(f"told.reason.{_first(reasons)}", lang)
    if details == "short":
        return mark + say(Note(code="told.subject.short", arguments={"level": incident.level, "why": why, "id": incident.id[:12]}), lang)
    hosts = ", ".join(incident.hosts[:2]) + (f" +{len(incident.hosts) - 2}" if len(incident.hosts) > 2 else "")
    arguments = {"level": incident.level, "why": why, "title": shown(incident.title, _MOST_TITLE), "hosts": hosts or "?"}
    return mark + say(Note(code="told.subject", arguments=arguments), lang)


def _first(reasons: Sequence[Reason]) -> Reason:
    """Give the reason that a subject names: that it is an escalation, or that it succeeded, before anything else."""
    return "escalated" if "escalated" in reasons else "succeeded" if "succeeded" in reasons else reasons[0]


def _sections(change: Change, reasons: Sequence[Reason], route: Route) -> Iterator[Section]:
    lang, incident = route.language, change.after
    why = tuple(word(f"told.because.{reason}", lang) for reason in reasons)
    yield Section(heading=word("told.why", lang), lines=why)
    agreed = (Note(code="told.exercise.known", arguments={"name": change.exercise}),) if change.exercise else ()
    facts = tuple(say(note, lang) for note in (*agreed, *_facts(incident, change.tenant, route.details)))
    yield Section(heading=word("told.known", lang), lines=facts)
    if route.details == "short":
        return
    if unknown := tuple(say(note, lang) for note in _unknown(incident)):
        yield Section(heading=word("told.unknown", lang), lines=unknown[:_FEW])
    if steps := tuple(say(note, lang) for note in _steps(incident)):
        yield Section(heading=word("told.steps", lang), lines=steps[:_FEW])


def _facts(incident: Incident, tenant: str, details: Details) -> Iterator[Note]:
    yield Note(code="told.severity", arguments={"level": incident.level})
    verdict = incident.verdict
    if verdict is None:
        yield Note(code="told.unjudged")
    else:
        yield Note(code="told.verdict", arguments={"outcome": verdict.outcome, "confidence": percent(verdict.confidence)})
    if tenant != DEFAULT_TENANT:
        yield Note(code="told.tenant", arguments={"tenant": tenant})
    yield Note(code="told.times", arguments={"first": moment(incident.start), "last": moment(incident.end)})
    if details == "short":
        yield Note(code="told.hosts.count", arguments={"count": str(len(incident.hosts))})
        return
    yield from incident.notice.known if incident.notice else known_at_once(incident)
    yield from ((verdict.why if verdict else ())[:_FEW])


def _unknown(incident: Incident) -> Iterator[Note]:
    """Say what is not known: what the verdict lacks once there is one, before that what the early warning said."""
    if incident.verdict:
        yield from incident.verdict.missing
        yield from incident.trace.unknowns if incident.trace else ()
    else:
        yield from incident.notice.unknown if incident.notice else UNKNOWN_AT_ONCE


def _steps(incident: Incident) -> Iterator[Note]:
    if incident.plan:
        first = {action.name: action.do for action in reversed(incident.plan.actions)}
        yield from (first[name] for name in dict.fromkeys(action.name for action in incident.plan.actions))
        yield from incident.plan.manual


def digest(routes: Routes, route: Route, messages: Sequence[Message]) -> Message:
    """Make one message of several that one route has: a line each, the most severe first."""
    lang = route.language
    ordered = sorted(messages, key=lambda one: -LEVELS.index(one.level))
    lines = [one.subject for one in ordered[:_MOST_LISTED]]
    if len(ordered) > _MOST_LISTED:
        lines.append(say(Note(code="told.more", arguments={"count": str(len(ordered) - _MOST_LISTED)}), lang))
    tenants = {one.tenant for one in messages}
    return Message(
        key=key_of(*sorted(one.key for one in messages)),
        tenant=tenants.pop() if len(tenants) == 1 else "*",
        incident="",
        reasons=("digest",),
        time=max(one.time for one in messages),
        language=lang,
        details=route.details,
        level=ordered[0].level,
        outcome=None,
        subject=say(Note(code="told.digest", arguments={"count": str(len(messages)), "level": ordered[0].level}), lang),
        sections=(Section(heading=word("told.incidents", lang), lines=tuple(lines)),),
        link=f"{routes.base_url.rstrip('/')}/incidents" if routes.base_url else "",
        link_words=word("told.link.all", lang),
        synthetic=all(one.synthetic for one in messages),
    )


def trial(routes: Routes, route: Route, now: datetime) -> Message:
    """Make the message of a try, which says that it is one."""
    lang = route.language
    return Message(
        key=key_of("test", route.name, now.isoformat()),
        tenant=DEFAULT_TENANT,
        incident="",
        reasons=("test",),
        time=now,
        language=lang,
        details=route.details,
        level="informational",
        outcome=None,
        subject=word("told.test", lang),
        sections=(
            Section(heading=word("told.why", lang), lines=(say(Note(code="told.test.why", arguments={"route": route.name}), lang),)),
        ),
        link=routes.base_url,
        link_words=word("told.link.all", lang),
    )


def try_route(routes: Routes, name: str, now: datetime) -> str:
    """Send a try by the route of that name at once, and say where it went.

    Raises:
        ValueError: there is no such route.
        NotSentError: it was not taken; the reason names no secret.
    """
    route = routes.named(name)
    if route is None:
        names = ", ".join(one.name for one in routes.routes) or "none at all"
        raise ValueError(f"there is no route {name[:64]!r}; there are {names}")
    note = send(trial(routes, route, now), route, Sending(reveal, now))
    return f"{place(route)} ({note})" if note else place(route)
