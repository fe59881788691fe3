"""The page on which one person answers one proposal, and what stands there when nothing can be answered. Owns the words, not the answer."""

from datetime import timedelta
from functools import cache
from typing import NamedTuple

from jinja2 import Environment

from watchkeeper.model.action_seen import ActionSeen
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import ActionRecord
from watchkeeper.reporting.html import formed, html_environment

MOST_SHOWN = 20
"""Targets that stand on the page; it says how many more there are."""
_MOST_REASONS = 20


class Page(NamedTuple):
    """A page, and the policy that has to be sent with it."""

    text: str
    policy: str


def approval_page(seen: ActionSeen, incident: Incident | None, login: str, lang: Language) -> Page:
    """Write what would be done to what, why, and how one answers."""
    agreed = {one.by for one in seen.approvals if one.agrees and one.digest == seen.digest}
    given = {
        "seen": seen,
        "record": seen.record,
        "proposal": seen.record.proposal,
        "targets": seen.record.proposal.targets[:MOST_SHOWN],
        "more": max(0, seen.count - MOST_SHOWN),
        "reasons": seen.record.ruling.why[:_MOST_REASONS],
        "length": timedelta(seconds=seen.record.proposal.expiry_seconds or 0),
        "incident": incident,
        "login": login,
        "agreed": sorted(agreed),
        "needed": max(seen.record.ruling.approvals, 1),
    }
    return Page(*formed(_environment(lang), "approve.html", lang, given))


def taken_page(record: ActionRecord, lang: Language, *, agrees: bool) -> Page:
    """Write that an answer was taken, and how the action stands then."""
    code = "approve.taken.agrees" if agrees else "approve.taken.denies"
    stands = Note(code="approve.stands", arguments={"id": record.id[:12]})
    return _told(Note(code=code), stands, (record.state, record.said), lang)


def refused_page(why: str, lang: Language, state: str = "", said: str = "") -> Page:
    """Write why nothing can be answered."""
    return _told(Note(code="approve.refused"), Note(code=f"approve.no.{why}", arguments={"said": said}), (state, ""), lang)


def _told(title: Note, told: Note, standing: tuple[str, str], lang: Language) -> Page:
    given = {"title": title, "told": told, "state": standing[0], "said": standing[1]}
    return Page(*formed(_environment(lang), "approve_told.html", lang, given))


@cache
def _environment(lang: Language) -> Environment:
    return html_environment(lang, {})
