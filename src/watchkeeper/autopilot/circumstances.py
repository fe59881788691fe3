"""Circumstances: what ethics may ask about the things of one tenant, looked up where it is kept. Owns the lookups, not what follows."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from watchkeeper.assets import Register
from watchkeeper.autopilot.inventory import inventory, own_of
from watchkeeper.autopilot.notifying import Notifying, means_with
from watchkeeper.autopilot.signal_list import fired_on
from watchkeeper.autopilot.verified_lists import VerifiedLists
from watchkeeper.autopilot.witnesses import INTEL, independent
from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.ingest.native import native_fields
from watchkeeper.lake import Kept, StoredEvents
from watchkeeper.model.asset import Asset, Own
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.event import Event
from watchkeeper.model.query import Query
from watchkeeper.model.spelling import network_of
from watchkeeper.notify.routes import FILE as ROUTES
from watchkeeper.notify.routes import read_routes
from watchkeeper.response.places import FILE, means_of, read_places
from watchkeeper.response.planning import CATALOGUE
from watchkeeper.settings.references import reveal
from watchkeeper.store import Store

MOST_EVENTS = 1_000
"""Events of a proposal that are looked up; who needs more to make a case has none."""
_CATALOGUE = {one.name: one.traits for one in CATALOGUE}


def circumstances(
    store: Store, state: Path, clock: Callable[[], datetime], told: Sequence[Asset] = (), content: Path | None = None
) -> Circumstances:
    """Give what ethics may ask about a tenant.

    Args:
        store: the tenant's; its inventory counts beside what is told.
        state: the state folder: `response.yml`, `notify.yml` and the lake are there.
        clock: the time, UTC.
        told: assets that a person told of in a file.
        content: the folder of installed content; without it no list counts as verified.

    Raises:
        OSError: the places cannot be read.
        ValueError: they are not what docs/response.md describes.
    """
    entries = read_places(state / FILE)
    register, own = Register((*inventory(store), *told)), own_of(store)
    lists = VerifiedLists(content, state, own)
    notifying = Notifying(store, lambda: read_routes(state / ROUTES), register.of, clock)
    return Circumstances(
        traits_of=traits_of,
        means_of=means_with(notifying, lambda proposal: means_of(entries, proposal, reveal)),
        asset_of=lambda entity: asset_of(entity, register, own),
        kinds_of=lambda ids: kinds_of(store, state / "lake" / "events", ids),
        clock=clock,
        is_listed=lambda name, targets: lists.has(name, targets, clock()),
        confidence_of=lambda incident: confidence_of(store, incident),
    )


def traits_of(action: str) -> ActionTraits | None:
    """Give what an action of the catalogue is; none for what is not in it."""
    return _CATALOGUE.get(action)


def asset_of(entity: Entity, register: Register, own: Own) -> Asset | None:
    """Give what is known of a thing as the organisation's own; none for what is somebody else's."""
    name = entity.value.lower()
    found = next((register.of(one) for one in (name, name.split(".", 1)[0]) if _is_known(register, one)), None)
    if found is not None:
        return found
    return Asset(name=name) if name and _is_own(entity.kind, name, own) else None


def kinds_of(store: Store, table: Path, ids: Sequence[str]) -> tuple[str, ...]:
    """Give the independent kinds of evidence that events by these ids are, a match of intelligence among them; none for made-up ids.

    Raises:
        OSError: the events cannot be read.
        ValueError: a case is damaged.
    """
    left = set(ids[:MOST_EVENTS])
    found: dict[str, Event] = {}
    for event in _events(store, table, left):
        found[event.id] = event
        left.discard(event.id)
    return independent([found[one] for one in ids if one in found], matched_by_intel(store, found)).kinds


def matched_by_intel(store: Store, events: Collection[str]) -> Collection[str]:
    """Give which events, by id, a match of intelligence fired on, in the stream or in a case.

    Raises:
        ValueError: a case is damaged.
    """
    return fired_on(store, INTEL, events)


def confidence_of(store: Store, incident: str) -> float | None:
    """Give the probability, as kept with an incident, that it is an attack; none if nobody judged it."""
    live = store.live_incident(incident) if incident else None
    found = live.incident if live else next((one for one in store.incidents() if incident and one.id == incident), None)
    return found.verdict.attack if found and found.verdict else None


def _is_known(register: Register, name: str) -> bool:
    return register.has(name) or register.of(name).name != name


def _is_own(kind: str, name: str, own: Own) -> bool:
    if kind == "address":
        return _is_ours(name, own.networks)
    if kind in {"domain", "url", "mailbox"}:
        host = urlsplit(name).hostname if kind == "url" else name.rpartition("@")[2]
        return any(host == one or (host or "").endswith(f".{one}") for one in map(str.lower, own.domains))
    return kind not in {"hash", "fingerprint"}


@lru_cache(maxsize=1 << 17)
def _is_ours(address: str, networks: tuple[str, ...]) -> bool:
    network, mine = network_of(address), tuple(filter(None, map(network_of, networks)))
    if network is None or len(mine) < len(networks):
        return True  # what cannot be read may be anything: it is treated with the care that our own things get
    return not network.is_global or any(network.version == one.version and network.overlaps(one) for one in mine)


def _events(store: Store, table: Path, left: set[str]) -> Iterator[Event]:
    """Yield the events of ids, from the stream and then from cases as long as some are left; the caller takes out what it got."""
    if table.is_dir() and left:
        with closing(StoredEvents(table, store.tenant, native_fields)) as stream:
            yield from stream.search(Query(ids=tuple(sorted(left)), limit=len(left)))
    for case in store.cases():
        folder = case.out / "events"
        if left and folder.is_dir():
            with closing(Kept(folder)) as kept:
                yield from kept.search(Query(ids=tuple(sorted(left)), limit=len(left)))
