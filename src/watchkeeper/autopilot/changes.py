"""Changes as they are told: what became of which incident, and what else is otherwise. Owns the words; numbers are the store's."""

from watchkeeper.model.changed import ChangesTold, ChangeTold, What
from watchkeeper.model.live import LiveIncident
from watchkeeper.store import ChangeKept, Store


def changes_after(store: Store, number: int, most: int) -> ChangesTold:
    """Give what became otherwise after a change, the oldest first; an incident is told of as it stands now."""
    found = store.changed_since(number, most)
    told = tuple(_told(store, one) for one in found.changes)
    return ChangesTold(changes=told, missed=found.missed, last=told[-1].number if told else max(number, 0))


def _told(store: Store, one: ChangeKept) -> ChangeTold:
    live = store.live_incident(one.id) if one.kind == "incident" else None
    if live is None:
        return ChangeTold(number=one.number, kind=one.kind, what="kept", id=one.id, time=one.time)
    return ChangeTold(
        number=one.number,
        kind=one.kind,
        what=_what(live),
        id=one.id,
        time=one.time,
        title=live.incident.title,
        level=live.incident.level,
        status=live.status,
    )


def _what(live: LiveIncident) -> What:
    if live.status == "closed" or live.into:
        return "closed"
    return "opened" if live.revision == 1 else "changed"
