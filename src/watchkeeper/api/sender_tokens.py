"""Senders' tokens under `/api/sources`: made with a source, rolled, taken away. What else a source has stands beside it."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from watchkeeper.api.deciding import Admin, told_plainly
from watchkeeper.api.platform import The
from watchkeeper.autopilot.people import MOST_DAYS
from watchkeeper.autopilot.senders import add_sender, drop_sender, named_sender, new_sender, roll_token, take_token
from watchkeeper.model.noun import Noun
from watchkeeper.model.sender import Sender

router = APIRouter(prefix="/api/sources", tags=["sources"])

Name = Annotated[str, Field(min_length=1, max_length=100, examples=["edge-winlogbeat"])]


class NewSource(Noun):
    """A sender of telemetry to let in."""

    name: Name
    """Name that people give it; events show it as their source."""
    reader: Annotated[str, Field(max_length=100)] = ""
    """Name of the reader or alert mapping for what it sends; empty: recognised by content."""
    peers: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=100)] = ()
    """Networks (CIDR) that may send as it without a token, for syslog, which has none."""
    silent_after_seconds: Annotated[int, Field(ge=0, le=366 * 86_400)] = 3_600
    """It counts as silent when nothing came for so long; 0: never."""


class Rolled(Noun):
    """How long the next token holds."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None
    """Days; none for ever."""


class SourceToken(Noun):
    """A source and its token."""

    source: Sender
    """What is known of it."""
    secret: str
    """What it has to send; it is shown this once."""


@router.post("", status_code=201)
def add(the: The, asked: NewSource, who: Admin) -> SourceToken:
    """Let a sender in, and give its token."""
    store = the.stores(who.tenant)
    with told_plainly():
        sender = new_sender(store, asked.name, asked.reader, asked.peers, asked.silent_after_seconds)
        return SourceToken(source=sender, secret=add_sender(store, the.people.audit, sender, who, the.clock()))


@router.post("/{source}/token")
def roll(the: The, source: str, asked: Rolled, who: Admin) -> SourceToken:
    """Give a source another token; the one before counts no longer."""
    store = the.stores(who.tenant)
    with told_plainly():
        sender = named_sender(store, source)
        return SourceToken(source=sender, secret=roll_token(store, the.people.audit, sender, who, the.clock(), asked.days))


@router.delete("/{source}/token", status_code=204)
def take(the: The, source: str, who: Admin) -> None:
    """Take a source's token away; its networks may go on sending."""
    store = the.stores(who.tenant)
    with told_plainly():
        take_token(store, the.people.audit, named_sender(store, source), who, the.clock())


@router.delete("/{source}", status_code=204)
def drop(the: The, source: str, who: Admin) -> None:
    """Forget a source and its token; what it sent stays."""
    store = the.stores(who.tenant)
    with told_plainly():
        drop_sender(store, the.people.audit, named_sender(store, source), who, the.clock())
