"""Track: what to look out for until the incident is closed, and what may lie ahead. Owns the calls, and which incidents are followed."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from watchkeeper.autopilot.world import World
from watchkeeper.detection.intel.canon import indicator_id
from watchkeeper.detection.intel.values import canonical
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.outlook import Outlook
from watchkeeper.model.verdict import ATTACK
from watchkeeper.model.watch import Watch, WatchItem, Watchlist
from watchkeeper.tracing import Lookout, watch
from watchkeeper.tracing.outlook import look_ahead

LIKELY = 0.5
"""An incident that nobody could determine is followed if it is an attack with at least this probability."""


def track(incident: Incident, world: World) -> Watchlist:
    """Name what follows the attacker, and look for it in the whole record and in earlier cases."""
    knowing = world.knowing
    if knowing is None:
        return watch(incident, Lookout(world.search, lambda _: (), lambda _: None, frozenset(), None))
    found = watch(incident, knowing.lookout())
    more = tuple(knowing.campaign(found.items))
    items = (*found.items, *(one for one in more if isinstance(one, WatchItem)))
    notes = (*(one for one in more if isinstance(one, Note)), *knowing.seen_before(items))
    return Watchlist(items=items, why=(*found.why, *notes))


def is_followed(incident: Incident) -> bool:
    """Say whether what an incident names is looked out for after the run: not of what is harmless or likely so."""
    verdict = incident.verdict
    if verdict is None:
        return False
    return verdict.outcome in ATTACK or (verdict.outcome == "undetermined" and (verdict.attack or 0.0) >= LIKELY)


def watches(incidents: Iterable[Incident], case: str, now: datetime, days: int) -> Iterator[Watch]:
    """Yield what is looked out for because of the incidents of a case, in the form by which events are compared with it."""
    for incident in incidents:
        for item in incident.watchlist.items if incident.watchlist and is_followed(incident) else ():
            value = canonical(item.entity.kind, item.entity.value)
            if value:
                yield Watch(
                    id=watch_id(incident.id, item.entity.kind, value),
                    incident=incident.id,
                    case=case,
                    entity=Entity(kind=item.entity.kind, value=value),
                    why=item.why,
                    level=item.level,
                    hops=item.hops,
                    since=now,
                    until=now + timedelta(days=days),
                )


def watch_id(incident: str, kind: str, value: str) -> str:
    """Give the id of what is looked out for because of an incident."""
    return indicator_id(incident, kind, value)


def outlook(incident: Incident, world: World) -> Outlook:
    """Say what it seems to be about, what may follow, and which known groups work alike."""
    return look_ahead(incident, world.catalogue, world.watched)
