"""`/api/playbooks`: what is done for which kind of incident. Owns no playbook; they are files of the content and of the state folder."""

from typing import Annotated

from fastapi import APIRouter, Path

from watchkeeper.api.platform import Platform
from watchkeeper.api.seat import REFUSALS, Lang, Paged, Viewing
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.autopilot.playbooks.reading import FOLDER, playbooks
from watchkeeper.autopilot.playbooks.telling import steps_told
from watchkeeper.autopilot.playbooks.wording import in_words
from watchkeeper.model.missing import MissingError
from watchkeeper.model.page import Page
from watchkeeper.model.playbook import Playbook
from watchkeeper.model.playbook_seen import PlaybookLine, PlaybookSeen

router = APIRouter(prefix="/api/playbooks", tags=["playbooks"], responses=REFUSALS)
Name = Annotated[str, Path(max_length=64, pattern=r"^[0-9a-z][0-9a-z-]*$", description="Its name.", examples=["isolate-host"])]


@router.get("", summary="List playbooks")
def listed(seat: Viewing, page: Paged, lang: Lang = "en") -> Page[PlaybookLine]:
    """List playbooks in the order in which they are asked whether they are for an incident."""
    lines = [
        PlaybookLine(name=one.name, title=in_words(one.title, lang), priority=one.priority, steps=len(one.steps)) for one in _all(seat.the)
    ]
    return beside(lines, page.after, page.limit)


@router.get("/{name}", summary="One playbook")
def shown(seat: Viewing, name: Name, lang: Lang = "en") -> PlaybookSeen:
    """Give every step of a playbook and what comes after it."""
    found = next((one for one in _all(seat.the) if one.name == name), None)
    if found is None:
        raise MissingError(f"there is no playbook {name!r}; `GET /api/playbooks` lists them")
    return PlaybookSeen(playbook=found, told=tuple(steps_told(found, lang)))


def _all(the: Platform) -> tuple[Playbook, ...]:
    return playbooks((the.state / FOLDER,))
