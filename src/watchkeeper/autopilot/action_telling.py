"""What people are told of actions: that they must decide, and what was done, did not work or ended. Owns the messages, not the sending."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.message import Message, Outgoing, Reason, Section
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import ActionRecord, ActionState
from watchkeeper.notify.planning import planned
from watchkeeper.notify.routes import Matter, Route, Routes
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.sentences import say, word
from watchkeeper.reporting.times import amount, moment

TOLD: Mapping[ActionState, Reason] = {
    "waiting": "approval",
    "in-force": "acted",
    "verified": "acted",
    "ineffective": "ineffective",
    "failed": "failed",
    "lapsed": "unanswered",
    "undone": "ended",
    "expired": "ended",
}
"""Which states people hear of, and why; an action that is verified after it was told as done is not told again."""
_FEW = 5
_MOST_TARGET = 120

LinkFor = Callable[[ActionRecord, str], str]
"""Gives the address of the page on which one person, by login, answers one proposal."""


@dataclass(frozen=True, slots=True)
class Acted:
    """An action, and the incident that it is for."""

    record: ActionRecord
    incident: Incident | None
    """None if a person asked for it without one."""


def action_messages(
    acted: Acted, routes: Routes, asset_of: Callable[[str], Asset], link_for: LinkFor, now: datetime
) -> tuple[Outgoing, ...]:
    """Give the messages about how an action stands now; the same state of the same action gives the same keys.

    A route with an `approver` has that person's own link in what asks for a decision: it must lead to nobody else.
    """
    record, incident = acted.record, acted.incident
    reason = TOLD.get(record.state)
    if reason is None:
        return ()
    owners = {asset_of(name).owner for name in (*(one.value for one in record.proposal.targets[:_FEW]), *_hosts(incident))}
    matter = Matter(
        tenant=record.proposal.tenant,
        level=incident.level if incident else "medium",
        level_before=None,
        owners=tuple(sorted(filter(None, owners))),
        reasons=(reason,),
    )

    def compose(route: Route, why: tuple[Reason, ...], key: str) -> Message:
        return _message(acted, (route, why, key), routes.base_url, link_for, now)

    subject = "\0".join((record.proposal.tenant, "action", record.id, record.proposal.digest, reason))
    return planned(routes, matter, subject, compose, now)


def _hosts(incident: Incident | None) -> tuple[str, ...]:
    return incident.hosts if incident else ()


def _message(acted: Acted, asked: tuple[Route, tuple[Reason, ...], str], base_url: str, link_for: LinkFor, now: datetime) -> Message:
    record, incident = acted.record, acted.incident
    route, reasons, key = asked
    lang, full = route.language, route.details == "full"
    decider = route.approver if record.state == "waiting" and base_url else None
    console = f"{base_url.rstrip('/')}/actions/{record.id}?tenant={quote(record.proposal.tenant, safe='')}" if base_url else ""
    return Message(
        key=key,
        tenant=record.proposal.tenant,
        incident=record.proposal.incident,
        reasons=reasons,
        time=now,
        language=lang,
        details=route.details,
        level=incident.level if incident else "medium",
        outcome=incident.verdict.outcome if incident and incident.verdict else None,
        subject=_headline(record, reasons[0], lang, full=full),
        sections=tuple(_sections(record, reasons, lang, full=full)),
        hosts=_hosts(incident) if full else (),
        techniques=incident.techniques if incident and full else (),
        link=link_for(record, decider) if decider else console,
        link_words=word("told.link.decide" if decider else "told.link.actions", lang),
        synthetic=incident.synthetic if incident else False,
    )


def _headline(record: ActionRecord, reason: Reason, lang: Language, *, full: bool) -> str:
    said = {"why": word(f"told.reason.{reason}", lang), "what": word(f"action.{record.proposal.action}", lang)}
    if not full:
        return say(Note(code="told.action.short", arguments={**said, "id": record.id[:12]}), lang)
    return say(Note(code="told.action", arguments={**said, "targets": targets_of(record)}), lang)


def _sections(record: ActionRecord, reasons: tuple[Reason, ...], lang: Language, *, full: bool) -> Iterator[Section]:
    yield Section(heading=word("told.why", lang), lines=tuple(word(f"told.because.{reason}", lang) for reason in reasons))
    facts = tuple(say(note, lang) for note in _facts(record, full=full))
    yield Section(heading=word("told.known", lang), lines=facts)
    if full:
        yield Section(heading=word("told.ruling", lang), lines=tuple(say(note, lang) for note in record.ruling.why[:_FEW]))


def _facts(record: ActionRecord, *, full: bool) -> Iterator[Note]:
    proposal = record.proposal
    radius = "?" if proposal.blast_radius is None else str(proposal.blast_radius)
    yield Note(code="told.action.felt", arguments={"radius": radius, "level": record.ruling.level})
    yield Note(code="told.action.undoable" if proposal.undoable else "told.action.final")
    if record.state == "waiting":
        yield Note(
            code="told.action.until", arguments={"deadline": moment(record.deadline), "people": str(max(record.ruling.approvals, 1))}
        )
    if record.expires:
        yield Note(code="told.action.expires", arguments={"expires": moment(record.expires)})
    if not full:
        return
    yield Note(code="told.action.asked", arguments={"by": proposal.asked_by, "events": amount(len(proposal.evidence))})
    if record.checks:
        yield Note(code="told.action.seen", arguments={"said": record.checks[-1].said})
    if record.said:
        yield Note(code="told.action.said", arguments={"said": record.said})


def targets_of(record: ActionRecord) -> str:
    """Name the first targets, made harmless, and how many more there are."""
    values = [shown(one.value, _MOST_TARGET) for one in record.proposal.targets[:_FEW]]
    more = len(record.proposal.targets) - len(values)
    return ", ".join(values) + (f" +{amount(more)}" if more else "")
