"""What people are told in plain words: to look, that something is theirs now, that they are asked, that policy is to be changed.

Owns these messages, not the sending; what is told of incidents and of actions is `telling` and `action_telling`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from watchkeeper.autopilot.playbooks.wording import filled, in_words
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.level import Level
from watchkeeper.model.message import Message, Outgoing, Reason, Section
from watchkeeper.model.note import Note
from watchkeeper.model.playbook import Assign, Escalate, Tell
from watchkeeper.model.policy import PolicyChange
from watchkeeper.model.question import Question
from watchkeeper.notify.planning import key_of, planned
from watchkeeper.notify.routes import Matter, Route, Routes
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.sentences import say, word
from watchkeeper.reporting.times import moment

_MOST_TITLE, _MOST_LINES, _MOST_LINE = 120, 50, 500


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody wants people to know."""

    tenant: str
    """Whose it is."""
    incident: str
    """Id of the incident; empty if it is about none."""
    reason: Literal["asked", "handed", "question", "policy"]
    """Why it is told."""
    subject: str
    """What it is, the same if it is told again: the message's key follows from it."""
    title: str
    """What it is about in one line."""
    lines: Callable[[Language], tuple[str, ...]]
    """Gives what is to be known, in a language."""
    page: str = ""
    """Where the console shows it, if it is about no incident."""
    level: Level = "medium"
    """How severe it is, if it is about no incident."""
    names: tuple[str, ...] = ()
    """Things whose owners it concerns, beside the incident's hosts."""
    route: str = ""
    """Names of the routes that it goes by, with commas; empty: those that take it."""


def step_told(tenant: str, incident: Incident, step: Tell | Assign | Escalate) -> Told:
    """Give what a step of a playbook tells people; an incident that grows and is walked again tells the same words once."""
    words = None if isinstance(step, Assign) else filled(step.say, incident)
    to = None if isinstance(step, Tell) else step.to

    def lines(language: Language) -> tuple[str, ...]:
        handed = (say(Note(code="told.handed.to", arguments={"to": to}), language),) if to else ()
        return (*handed, *(in_words(words, language).splitlines() if words else ()))

    return Told(
        tenant=tenant,
        incident=incident.id,
        reason="handed" if to else "asked",
        subject="\0".join((tenant, "step", incident.id, step.kind, *lines("en"))),
        title=incident.title,
        lines=lines,
        route=step.route if isinstance(step, Tell) else "",
    )


def question_told(tenant: str, question: Question) -> Told:
    """Give what people are told of a question to them."""
    default = next((one.said for one in question.options if one.name == question.default), question.default)

    def lines(language: Language) -> tuple[str, ...]:
        silent = {"deadline": moment(question.deadline), "default": default if isinstance(default, str) else in_words(default, language)}
        answers = (
            say(Note(code="told.question.answer", arguments={"name": one.name, "said": in_words(one.said, language)}), language)
            for one in question.options
        )
        asked = say(Note(code="told.question.to", arguments={"to": question.to, "id": question.id[:12]}), language)
        silence = say(Note(code="told.question.silence", arguments=silent), language)
        return (*in_words(question.question, language).splitlines(), *answers, silence, asked)

    return Told(
        tenant=tenant,
        incident=question.incident,
        reason="question",
        subject="\0".join((tenant, "question", question.id)),
        title=question.title,
        lines=lines,
    )


def policy_told(tenant: str, change: PolicyChange) -> Told:
    """Give what people are told of a change of policy that waits: for a second administrator, or for its announced day to be over."""
    level = change.level
    what = f"{level.action}, {level.group}: {level.level}" if level else "policy.yml"
    said = {"by": change.asked_by, "why": change.why, "id": change.id[:12], "begins": moment(change.begins)}
    codes = ("told.policy.by", f"told.policy.{change.state}", "told.policy.cancel")
    return Told(
        tenant=tenant,
        incident="",
        reason="policy",
        subject="\0".join((tenant, "policy", change.id)),
        title=what,
        lines=lambda language: tuple(say(Note(code=code, arguments=said), language) for code in codes),
        page=f"policy/{change.id}",
        level="high" if change.state == "announced" else "medium",
    )


def told_messages(
    told: Told, incident: Incident | None, routes: Routes, asset_of: Callable[[str], Asset], now: datetime
) -> tuple[Outgoing, ...]:
    """Give the messages, one a route; the same again gives the same keys.

    Raises:
        ValueError: a route that is named is none of the tenant's.
    """

    def compose(route: Route, why: tuple[Reason, ...], key: str) -> Message:
        return _message(told, incident, (route, why, key), routes.base_url, now)

    if told.route:
        found = [_named(routes, name.strip(), told.tenant) for name in told.route.split(",")]
        return tuple(
            Outgoing(message=compose(one, (told.reason,), key_of(told.subject, one.name)), route=one.name, due=now) for one in found
        )
    names = (*told.names, *(incident.hosts if incident else ()))
    owners = tuple(sorted({owner for owner in (asset_of(name).owner for name in names) if owner}))
    level = incident.level if incident else told.level
    matter = Matter(tenant=told.tenant, level=level, level_before=None, owners=owners, reasons=(told.reason,))
    return planned(routes, matter, told.subject, compose, now)


def _named(routes: Routes, name: str, tenant: str) -> Route:
    route = routes.named(name)
    if route is None or ("*" not in route.tenants and tenant not in route.tenants):
        there = ", ".join(one.name for one in routes.routes) or "none at all"
        raise ValueError(f"there is no route {name[:64]!r} for tenant {tenant!r}; there are {there}")
    return route


def _message(told: Told, incident: Incident | None, asked: tuple[Route, tuple[Reason, ...], str], base_url: str, now: datetime) -> Message:
    route, reasons, key = asked
    lang, full = route.language, route.details == "full"
    note = Note(code=f"told.{told.reason}", arguments={"title": shown(told.title, _MOST_TITLE)})
    short = Note(code=f"told.{told.reason}.short", arguments={"id": (told.incident or told.page.rpartition("/")[2])[:12]})
    lines = tuple(shown(line, _MOST_LINE) for line in told.lines(lang)[:_MOST_LINES] if line.strip())
    known = (Section(heading=word("told.known", lang), lines=lines),) if lines and full else ()
    page = f"incidents/{quote(told.incident, safe='')}" if told.incident else told.page
    return Message(
        key=key,
        tenant=told.tenant,
        incident=told.incident,
        reasons=reasons,
        time=now,
        language=lang,
        details=route.details,
        level=incident.level if incident else told.level,
        outcome=incident.verdict.outcome if incident and incident.verdict else None,
        subject=say(note if full else short, lang),
        sections=(Section(heading=word("told.why", lang), lines=tuple(word(f"told.because.{one}", lang) for one in reasons)), *known),
        hosts=incident.hosts if incident and full else (),
        techniques=incident.techniques if incident and full else (),
        link=f"{base_url.rstrip('/')}/{page}?tenant={quote(told.tenant, safe='')}" if base_url else "",
        link_words=word("told.link" if told.incident else f"told.link.{told.page.partition('/')[0]}", lang),
        synthetic=incident.synthetic if incident else False,
    )
