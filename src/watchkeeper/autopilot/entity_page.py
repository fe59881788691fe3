"""A thing's page: what people told of it, which incidents it is in, who looks out for it, and its events. Owns bringing these together."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pyarrow as pa

from watchkeeper.autopilot.board import in_order, summary
from watchkeeper.autopilot.desk import Desk
from watchkeeper.autopilot.inventory import asset_called
from watchkeeper.autopilot.lookout import MOST_CASES
from watchkeeper.autopilot.watch_edits import KINDS
from watchkeeper.detection.intel.values import canonical
from watchkeeper.lake import OBSERVED, Observed
from watchkeeper.model.asset import Asset
from watchkeeper.model.entity import Entity
from watchkeeper.model.entity_seen import EntitySeen, Sighting
from watchkeeper.model.incident import Incident
from watchkeeper.model.missing import MissingError
from watchkeeper.model.summary import IncidentFilter
from watchkeeper.store import Store

MOST_INCIDENTS, MOST_SIGHTINGS, MOST_SCANNED = 50, 200, 5_000
_COLUMNS = "_id, _time, _host, _source, _product, _service, _event_type, coalesce(_fields, _raw) AS fields"
_NAMED = {
    "host": ("_host",),
    "user": ("user.name", "actor.user.name"),
    "account": ("user.name", "actor.user.name"),
    "address": ("src_endpoint.ip", "dst_endpoint.ip"),
    "domain": ("query.hostname", "dst_endpoint.hostname"),
    "url": ("url.url_string",),
    "file": ("file.path", "process.file.path"),
    "process": ("process.file.path", "actor.process.file.path"),
    "registry": ("reg_key.path",),
}
"""By kind, the columns of kept events that name one."""
_HASHES = "file.hashes.value"


def entity_seen(desk: Desk, entity: Entity) -> EntitySeen:
    """Say what is known of a thing."""
    compared = canonical(entity.kind, entity.value) if entity.kind in KINDS else ""
    found = Entity(kind=entity.kind, value=compared or entity.value.lower())
    incidents = list(islice(_incidents(desk.store, found), MOST_INCIDENTS + 1))
    watches = [one for one in desk.watches()[0] if one.watch.entity == found]
    return EntitySeen(
        entity=found,
        asset=_asset(desk.store, found),
        incidents=tuple(summary(desk.store, one) for one in incidents[:MOST_INCIDENTS]),
        more_incidents=len(incidents) > MOST_INCIDENTS,
        watches=tuple(watches[:MOST_INCIDENTS]),
        sightings=tuple(islice(_sightings(desk.store, found), MOST_SIGHTINGS)),
    )


def events_sql(entity: Entity, limit: int) -> str:
    """Give the question in SQL for a thing's events, newest first.

    Raises:
        ValueError: kept events have no column for things of that kind.
    """
    value = entity.value if entity.kind in {"file", "process", "registry", "url"} else entity.value.lower()
    text = "'" + value.replace("'", "''") + "'"
    if entity.kind == "hash":
        ways = [f'list_contains("{_HASHES}", {text})']
    elif columns := _NAMED.get(entity.kind):
        ways = [f'"{name}" = {text}' for name in columns]
    else:
        raise ValueError(f"kept events are not searched for a {entity.kind!r}; choose {', '.join((*_NAMED, 'hash'))}, or ask in SQL")
    # an OR is not pushed down to the row groups, several questions are
    newest = f"ORDER BY _time DESC LIMIT {limit:d}"
    found = " UNION ".join(f"(SELECT {_COLUMNS} FROM events WHERE {way} {newest})" for way in ways)  # noqa: S608 -- fixed text, one quoted value
    return f"SELECT * FROM ({found}) {newest}"  # noqa: S608 -- as above; the lake takes one SELECT alone


def _incidents(store: Store, entity: Entity) -> Iterator[Incident]:
    wanted = IncidentFilter(host=entity.value[:200]) if entity.kind == "host" else IncidentFilter()
    for _, incident in islice(in_order(store, wanted), MOST_SCANNED):
        if _is_in(incident, entity):
            yield incident


def _is_in(incident: Incident, entity: Entity) -> bool:
    match entity.kind:
        case "host":
            return entity.value in incident.hosts
        case "user":
            return entity in incident.entities or any(entity.value == fold.user for fold in incident.folds)
        case _:
            return entity in incident.entities or bool(incident.trace and entity in incident.trace.attackers)


def _asset(store: Store, entity: Entity) -> Asset | None:
    try:
        return asset_called(store, entity.value) if entity.kind in {"host", "user", "account", "address"} else None
    except MissingError:
        return None


def _sightings(store: Store, entity: Entity) -> Iterator[Sighting]:
    cases = {str(one.out): one.id for one in store.cases()[:MOST_CASES] if (one.out / OBSERVED).is_dir()}
    if not cases:
        return
    asked = pa.table({"kind": [entity.kind], "value": [entity.value]})
    with closing(Observed([Path(out) / OBSERVED for out in cases])) as observed:
        for row in observed.sightings(asked).to_pylist():
            case = cases.get(str(Path(row["folder"]).parent), "")
            yield Sighting(case=case, host=row["host"], count=row["count"], first=row["first"], last=row["last"])
