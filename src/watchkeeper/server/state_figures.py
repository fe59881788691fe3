"""What the state database holds, as this process says of itself: incidents and senders of all tenants. Owns counting alone."""

from typing import get_args

from watchkeeper.model.live import Status
from watchkeeper.server.vitals import Pulse
from watchkeeper.store import Store, Wanted


def note_state(pulse: Pulse, store: Store, silent: int) -> None:
    """Say how many incidents people see, by how they stand, how many senders are let in, and how many of them are silent.

    It takes some queries a tenant: every few seconds is enough.

    Raises:
        OSError: the database cannot be read.
    """
    stores = [store.of(tenant) for tenant in store.tenants()]
    statuses: tuple[Status, ...] = get_args(Status)
    for status in statuses:
        count = sum(one.count_live_incidents(Wanted(status=(status,), shown=True)) for one in stores)
        pulse.set("incidents", count, status=status)
    pulse.set("senders", sum(sender.on for sender in store.every_sender()))
    pulse.set("senders_silent", silent)
