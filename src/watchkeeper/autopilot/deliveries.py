"""Deliveries: what became of incidents becomes messages in the store, and these go out by the routes that are set. Owns joining them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from watchkeeper.autopilot.exercise.belonging import exercise_of
from watchkeeper.autopilot.telling import Change, digest, outgoing
from watchkeeper.model.asset import Asset
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.message import Outgoing
from watchkeeper.notify.delivering import Delivered, Fate, GivenUp, Later, NotNeeded, Outbox, Sent, deliver_due
from watchkeeper.notify.routes import Routes
from watchkeeper.settings.references import Reveal, reveal
from watchkeeper.store import Store


def tell(
    store: Store, routes: Routes, asset_of: Callable[[str], Asset], stood: tuple[LiveIncident | None, LiveIncident], now: datetime
) -> int:
    """Keep the messages that follow from how an incident stood before and stands now; give how many are new, mostly none.

    Whoever was cut off may tell the same again.

    Raises:
        OSError: the database cannot be written; nothing was kept.
    """
    before, after = stood
    if after.into or after.status == "closed":
        return 0
    is_reopened = before is not None and before.status == "closed"
    named = exercise_of(store, after.incident)
    change = Change(store.tenant, before.incident if before else None, after.incident, is_reopened, named)
    messages = outgoing(change, routes, asset_of, now)
    return store.keep_messages(messages) if messages else 0


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
