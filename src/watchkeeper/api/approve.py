"""`/approve/LINK`: the page on which one person answers one proposal without signing in. Owns its statuses, headers and form.

Opening it changes nothing, because mail scanners follow links. Every refusal is a plain page.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse

from watchkeeper.api.actions import one_of_few
from watchkeeper.api.guard import is_of_this_site
from watchkeeper.api.platform import Platform, The
from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.approval_links import LinkRefusal, LinkRefusedError, Opened, opened
from watchkeeper.autopilot.edits import Who
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.reporting.approval_page import Page, approval_page, refused_page, taken_page

router = APIRouter(include_in_schema=False)
_STATUS: dict[LinkRefusal, int] = {
    "unknown": 404, "over": 410, "nobody": 403, "gone": 404, "changed": 409, "used": 410, "own": 403, "settled": 410,
}  # fmt: skip
_MOST_FIELDS = 4
_MOST_BYTES = 16 << 10
_MOST_WHY = 900
_WORDS = {"approve": True, "deny": False}


@dataclass(frozen=True, slots=True)
class Said:
    """What the form said."""

    agrees: bool | None
    """None if none of the two buttons was pressed."""
    why: str


def _language(request: Request, lang: Annotated[str, Query(max_length=1_000)] = "") -> Language:
    """Give the language that was chosen, else what the browser prefers, as far as there is a choice."""
    preferred = lang or request.headers.get("accept-language", "")
    return "zh" if preferred.lower().startswith("zh") else "en"


async def _said(request: Request) -> Said:
    body = await request.body()
    try:
        fields = parse_qs(body[:_MOST_BYTES].decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        fields = {}
    return Said(_WORDS.get(fields.get("word", [""])[0]), fields.get("why", [""])[0].strip()[:_MOST_WHY])


Lang = Annotated[Language, Depends(_language)]


@router.get("/approve/{token}", response_class=HTMLResponse)
def look(the: The, token: str, lang: Lang) -> HTMLResponse:
    """Show what one is asked."""
    try:
        found = _opened(the, token)
        return _answer(approval_page(found.seen, _incident(found), found.login, lang))
    except LinkRefusedError as error:
        return _answer(refused_page(error.why, lang, error.state), _STATUS[error.why])
    except OSError:
        return _answer(refused_page("away", lang), 503)


@router.post("/approve/{token}", response_class=HTMLResponse)
def decide(request: Request, the: The, token: str, lang: Lang, said: Annotated[Said, Depends(_said)]) -> HTMLResponse:
    """Take the answer."""
    if not is_of_this_site(request):
        return _answer(refused_page("site", lang), 403)
    try:
        return _decided(_opened(the, token), said, the.clock(), lang)
    except LinkRefusedError as error:
        return _answer(refused_page(error.why, lang, error.state), _STATUS[error.why])
    except ValueError as error:
        return _answer(refused_page("otherwise", lang, said=str(error)), 409)
    except OSError:
        return _answer(refused_page("away", lang), 503)
    except HTTPException as error:
        return _answer(refused_page("often", lang), error.status_code)


def _decided(found: Opened, said: Said, now: datetime, lang: Language) -> HTMLResponse:
    if said.agrees is None:
        return _answer(refused_page("word", lang), 422)
    with one_of_few():
        who = Who(found.login, said.why, now)
        record = found.desk.answer(found.seen.id, who, "link", agrees=said.agrees, digest=found.seen.digest)
    return _answer(taken_page(record, lang, agrees=said.agrees))


def _opened(the: Platform, token: str) -> Opened:
    def desk_of(tenant: str) -> ActionDesk:
        return the.action_desk(the.stores(tenant))

    return opened(token, the.state, the.people, desk_of, the.clock())


def _incident(found: Opened) -> Incident | None:
    wanted = found.seen.record.proposal.incident
    row = found.desk.store.live_incident(wanted) if wanted else None
    return row.incident if row else None


def _answer(page: Page, status: int = 200) -> HTMLResponse:
    """Give a page with its own policy, and tell the browser to say on sending the form that it comes from here."""
    return HTMLResponse(page.text, status, {"Content-Security-Policy": page.policy, "Referrer-Policy": "same-origin"})
