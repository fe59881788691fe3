"""What products and events say of whether it worked: stopped, let through, refused, granted. Owns asking; judging is `triage`'s."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.autopilot.world import World
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.level import LEVELS
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query
from watchkeeper.schema import view
from watchkeeper.triage import Said

MOST_ASKED = 2000
"""Events that are asked what they say, those of the most severe rules first."""
_STOPPED = ("Blocked", "Quarantined", "Isolated", "Deleted", "Dropped", "Rejected", "Corrected", "Denied")
_LET_THROUGH = ("Allowed", "Detected", "Logged", "Alert", "No Action", "Uncorrected", "Observed")
_GRANTING = ("Authentication", "API Activity", "Account Change", "User Access Management", "Group Management", "Entity Management")
"""Classes in which success means that somebody was given what they asked for; elsewhere it says too little of an attack."""


def said(incident: Incident, world: World) -> Said:
    """Give the titles of the telling signals whose events say that they were stopped, let through, refused or granted."""
    titles = _titles(world.signals_of(incident))
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for batch in _batches(world.search(Query(ids=tuple(titles), limit=MOST_ASKED))) if titles else ():
        for event_id, fact in _facts(view(batch)):
            found[fact].update(dict.fromkeys(titles.get(event_id, ())))
    return {fact: tuple(found[fact]) for fact in ("stopped", "let-through", "refused", "granted")}


def _titles(signals: pa.Table) -> dict[str, tuple[str, ...]]:
    """Give, for each event that a rule of medium severity or above fired on, the rules' titles."""
    levels = LEVELS[LEVELS.index("medium") :][::-1]
    telling = signals.filter(pc.is_in(signals.column("level"), value_set=pa.array(levels)))
    rows = cast("list[dict[str, str]]", telling.select(["event_id", "title", "level"]).to_pylist())
    found: dict[str, tuple[str, ...]] = {}
    for row in sorted(rows, key=lambda row: levels.index(row["level"])):
        if row["event_id"] in found or len(found) < MOST_ASKED:
            found[row["event_id"]] = (*found.get(row["event_id"], ()), row["title"])
    return found


def _facts(seen: pa.Table) -> Iterator[tuple[str, str]]:
    names = [name for name in ("disposition", "action", "status", "class_name") if name in seen.column_names]
    for row in cast("list[dict[str, str | None]]", seen.select(["_id", *names]).to_pylist()):
        if fact := _fact(row):
            yield str(row["_id"]), fact


def _fact(row: dict[str, str | None]) -> str | None:
    done = row.get("disposition") or row.get("action")
    if done in _STOPPED:
        return "stopped"
    if done in _LET_THROUGH:
        return "let-through"
    match row.get("status"):
        case "Failure":
            return "refused"
        case "Success" if row.get("class_name") in _GRANTING:
            return "granted"
        case _:
            return None


def _batches(events: Iterable[Event]) -> Iterator[Batch]:
    """Make batches of events, one a log source."""
    by: defaultdict[LogSource, list[Event]] = defaultdict(list)
    for event in events:
        by[event.logsource].append(event)
    for source, members in by.items():
        yield Batch(source, _table(members))


def _table(events: Sequence[Event]) -> pa.Table:
    reserved = {
        "_id": [event.id for event in events],
        "_time": [event.time for event in events],
        "_host": [event.host for event in events],
        "_source": [event.source for event in events],
        "_row": [event.row for event in events],
        "_raw": [""] * len(events),
    }
    table = pa.table(reserved, schema=RESERVED)
    for name in sorted({name for event in events for name in event.fields}):
        values = [event.fields.get(name) for event in events]
        lists = any(isinstance(value, tuple) for value in values)
        held = [[value] if lists and isinstance(value, str) else value for value in values]
        table = table.append_column(name, pa.array(held, pa.list_(pa.string()) if lists else pa.string()))
    return table
