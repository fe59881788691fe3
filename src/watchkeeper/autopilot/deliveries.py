"""Deliveries: the messages that the store holds go out by the routes that are set. Owns joining the two; the keeper calls it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from watchkeeper.autopilot.telling import digest
from watchkeeper.model.message import Outgoing
from watchkeeper.notify.delivering import Delivered, Fate, GivenUp, Later, NotNeeded, Outbox, Sent, deliver_due
from watchkeeper.notify.references import Reveal, reveal
from watchkeeper.notify.routes import Routes
from watchkeeper.store import Store


def deliver(store: Store, routes: Routes, now: datetime, reveal: Reveal = reveal) -> Delivered:
    """Send what is due of all tenants once, and keep what became of it.

    Raises:
        OSError: the database cannot be read or written; what was sent meanwhile is sent again under the same keys.
    """
    outbox = Outbox(store.take_outgoing, partial(_settle, store, now), store.is_taken_care_of)
    return deliver_due(outbox, routes, partial(digest, routes), now, reveal)


def _settle(store: Store, now: datetime, messages: Sequence[Outgoing], fate: Fate) -> None:
    match fate:
        case Sent(note):
            store.settle(messages, "sent", note, now)
        case Later(why, due):
            store.settle(messages, "waiting", why, due)
        case GivenUp(why):
            store.settle(messages, "given-up", why, now)
        case NotNeeded():
            store.settle(messages, "not-needed", "", now)
