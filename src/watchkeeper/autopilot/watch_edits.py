"""Watch edits: what people add to what is looked out for and take off it. Owns what they mean and the refusals."""

from datetime import timedelta
from typing import Literal, NamedTuple, get_args

from watchkeeper.autopilot.backwards import Match, look_back
from watchkeeper.autopilot.edits import Who, incident_called
from watchkeeper.autopilot.following import known_items
from watchkeeper.autopilot.lookout import MOST_CASES
from watchkeeper.autopilot.track import watch_id
from watchkeeper.detection.intel.values import canonical, refanged
from watchkeeper.lake import OBSERVED
from watchkeeper.model.entity import Entity
from watchkeeper.model.level import LEVELS, Level
from watchkeeper.model.missing import MissingError
from watchkeeper.model.note import Note
from watchkeeper.model.watch import Watch, WatchItem
from watchkeeper.store import Store

Kind = Literal["address", "domain", "url", "hash", "mailbox", "file", "user", "account", "service", "task", "fingerprint"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What can be looked out for."""
_MOST_CHARACTERS = 1_000


class Wanted(NamedTuple):
    """What a person wants to be looked out for."""

    kind: str
    value: str
    level: str
    days: int


def add(store: Store, start: str, wanted: Wanted, who: Who) -> tuple[Watch, tuple[Match, ...]]:
    """Look out for something because of the incident whose id begins so; give where earlier cases had seen it.

    Raises:
        ValueError: there is no such incident, it is no such thing, or no reason is given.
    """
    if not who.why.strip():
        raise ValueError("say why with --why")
    incident = incident_called(store, start)
    entity, level = _entity(wanted), _level(wanted.level)
    case = next((case for case, one in store.placed_incidents() if one == incident.id), "")
    watch = Watch(
        id=watch_id(incident.id, entity.kind, entity.value),
        incident=incident.id,
        case=case,
        entity=entity,
        why=Note(code="watch.said", arguments={"by": who.by, "why": who.why[:_MOST_CHARACTERS]}),
        level=level,
        hops=0,
        since=who.time,
        until=who.time + timedelta(days=wanted.days),
        by=who.by,
    )
    store.keep_watch(watch)
    item = WatchItem(entity=entity, why=watch.why, level=level, sightings=0, first_seen=None, last_seen=None, hosts=())
    cases = [one.out for one in store.cases() if (one.out / OBSERVED).is_dir()][:MOST_CASES]
    return watch, look_back(cases, known_items([item])).matches


def remove(store: Store, start: str, who: Who) -> Watch:
    """Take off what is looked out for and whose id begins so; it stays on record.

    Raises:
        ValueError: there is none or more than one, or no reason is given.
    """
    if not who.why.strip():
        raise ValueError("say why with --why")
    found = [one for one in store.watches() if start and one.id.startswith(start) and one.ended is None]
    if len(found) != 1:
        raise MissingError(
            f"{len(found)} things that are looked out for have an id that begins with {start!r}; `watchkeeper watch list` lists them"
        )
    watch = found[0].model_copy(update={"ended": who.time, "ended_by": who.by, "ended_why": who.why})
    store.keep_watch(watch)
    return watch


def _entity(wanted: Wanted) -> Entity:
    if wanted.kind not in KINDS:
        raise ValueError(f"{wanted.kind!r} cannot be looked out for; choose {', '.join(KINDS)}")
    value = canonical(wanted.kind, refanged(wanted.value.strip()))
    if not value:
        raise ValueError(f"{wanted.value[:200]!r} is no {wanted.kind}")
    return Entity(kind=wanted.kind, value=value)


def _level(text: str) -> Level:
    if text not in LEVELS:
        raise ValueError(f"level {text!r} is none; choose {', '.join(LEVELS)}")
    return text
