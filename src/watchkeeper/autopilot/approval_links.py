"""Approval links: made for one person and one proposal, and opened again. Owns what has to hold of one that is opened, not the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from watchkeeper.access.links import ApprovalLink, LinkOverError, read, signed
from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.action_telling import LinkFor
from watchkeeper.autopilot.people import acting_person
from watchkeeper.model.action_seen import ActionSeen
from watchkeeper.model.missing import MissingError
from watchkeeper.model.proposal import ActionRecord
from watchkeeper.settings.secret_key import secret_key
from watchkeeper.store.people import People

KEY = "links.key"
"""File of the key in the state folder; who takes it away voids every link that is out."""
_WITHOUT_DEADLINE = timedelta(days=1)
LinkRefusal = Literal["unknown", "over", "nobody", "gone", "changed", "used", "own", "settled"]
"""No link of ours; its time is up; its person may not decide; no such action any more; the proposal was changed; its person answered
before; they asked for it themselves; nobody is asked any more."""


class LinkRefusedError(ValueError):
    """A link by which nothing can be answered."""

    def __init__(self, why: LinkRefusal, state: str = "") -> None:
        """Take why, and how the action stands where that is why."""
        super().__init__(why)
        self.why: LinkRefusal = why
        self.state = state


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that holds, and what it is about."""

    login: str
    """Whose it is."""
    desk: ActionDesk
    seen: ActionSeen


def links_for(base_url: str, state: Path) -> LinkFor:
    """Give what makes the address of the page on which a person, by login, answers a proposal.

    Raises:
        OSError: the key cannot be read or made.
        ValueError: the file of the key is damaged.
    """
    key = secret_key(state / KEY)

    def link_for(record: ActionRecord, login: str) -> str:
        until = record.deadline or record.changed + _WITHOUT_DEADLINE
        link = ApprovalLink(tenant=record.proposal.tenant, proposal=record.id, digest=record.proposal.digest, login=login, until=until)
        return f"{base_url.rstrip('/')}/approve/{signed(link, key)}"

    return link_for


def opened(text: str, state: Path, people: People, desk_of: Callable[[str], ActionDesk], now: datetime) -> Opened:
    """Open a link by its secret part; that changes nothing.

    Args:
        text: its secret part.
        state: the state folder, with the key.
        people: who is known.
        desk_of: gives the desk for actions of a tenant.
        now: the time, UTC.

    Raises:
        LinkRefusedError: nothing can be answered by it.
        OSError: the key or the database cannot be read.
    """
    link = _read(text, state, now)
    try:
        acting_person(people, link.login, "responder", link.tenant)
    except (MissingError, PermissionError) as error:
        raise LinkRefusedError("nobody") from error
    desk = desk_of(link.tenant)
    try:
        seen = desk.action(link.proposal)
    except MissingError as error:
        raise LinkRefusedError("gone") from error
    _check(seen, link)
    return Opened(link.login, desk, seen)


def _read(text: str, state: Path, now: datetime) -> ApprovalLink:
    try:
        return read(text, secret_key(state / KEY), now)
    except LinkOverError as error:
        raise LinkRefusedError("over") from error
    except ValueError as error:
        raise LinkRefusedError("unknown") from error


def _check(seen: ActionSeen, link: ApprovalLink) -> None:
    if seen.digest != link.digest:
        raise LinkRefusedError("changed")
    if any(one.by == link.login and one.digest == link.digest for one in seen.approvals):
        raise LinkRefusedError("used", seen.record.state)
    if seen.record.state != "waiting":
        raise LinkRefusedError("settled", seen.record.state)
    if seen.record.proposal.asked_by == f"person:{link.login}":
        raise LinkRefusedError("own")
