"""Sources as people see them: who sends, and what was heard of them. Owns when one is called silent here."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from watchkeeper.model.sender import Sender
from watchkeeper.model.source_seen import SourceSeen
from watchkeeper.model.vitals import Heard
from watchkeeper.store import Store


def sources_seen(store: Store, heard: Iterable[Heard], now: datetime) -> tuple[SourceSeen, ...]:
    """Give the senders of a tenant by name; several processes may have heard one."""
    by_sender: dict[str, list[Heard]] = {}
    for one in heard:
        by_sender.setdefault(one.sender, []).append(one)
    return tuple(_seen(sender, by_sender.get(sender.id, []), now) for sender in store.senders())


def _seen(sender: Sender, heard: list[Heard], now: datetime) -> SourceSeen:
    newest = max(heard, key=lambda one: one.last, default=None)
    waits = timedelta(seconds=sender.silent_after_seconds)
    return SourceSeen(
        sender=sender,
        events=sum(one.events for one in heard),
        last=newest.last if newest else None,
        silent=bool(newest and sender.on and waits and now - newest.last > waits),
    )
