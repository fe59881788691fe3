"""Watchlist, Watch and Standing: what of an attacker's is looked out for, and what became of the incident. Owns the shapes alone."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.entity import Entity
from watchkeeper.model.level import Level
from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun


class WatchItem(Noun):
    """Something of the attacker's to look out for until the incident is closed."""

    entity: Entity
    """What to look out for."""
    why: Note
    """What ties it to the attacker."""
    level: Level = "medium"
    """Level of the signals when it is seen again, by how surely it is the attacker's and by how few others could have it."""
    hops: Annotated[int, Field(ge=0)] = 0
    """Steps from what the attack itself shows: 0 stands in its own events, 1 was found from something that does, and so on."""
    evidence: tuple[str, ...] = ()
    """Ids of a few events that tie it to the attacker; empty for what a person or imported intelligence says."""
    sightings: int
    """How often the record names it outside the incident."""
    first_seen: AwareDatetime | None
    """When the record names it first outside the incident, UTC."""
    last_seen: AwareDatetime | None
    """When the record names it last outside the incident, UTC."""
    hosts: tuple[str, ...]
    """Hosts where it was seen outside the incident."""


class Watchlist(Noun):
    """What follows the attacker through new and past telemetry."""

    items: tuple[WatchItem, ...]
    """What to look out for, most specific first."""
    why: tuple[Note, ...]
    """What was left off and why (shared infrastructure, the organisation's own), and what earlier cases had seen."""


class Watch(Noun):
    """One thing that is looked out for because of one incident, as it is kept between runs."""

    id: str
    """Id from the incident, the kind and the value."""
    incident: str
    """Id of the incident."""
    case: str
    """Id of the case in which the incident was found."""
    entity: Entity
    """What to look out for, in the canonical form by which events are compared with it."""
    why: Note
    """What ties it to the attacker."""
    level: Level
    """Level of its signals."""
    hops: int
    """Steps from what the attack itself shows."""
    since: AwareDatetime
    """Since when it is looked out for, UTC."""
    until: AwareDatetime
    """When that ends by itself, UTC."""
    by: str = ""
    """Who added it; empty for what the tracing of the incident gave."""
    ended: AwareDatetime | None = None
    """When a person took it off, UTC; it is not put on again by itself."""
    ended_by: str = ""
    """Who took it off."""
    ended_why: str = ""
    """Their reason, in their words."""


class Seen(Noun):
    """A watched thing that came up again."""

    entity: Entity
    """What was seen."""
    why: Note
    """What ties it to the attacker."""
    since: AwareDatetime
    """Since when it had been looked out for, UTC."""
    hosts: tuple[str, ...]
    """Hosts whose events named it."""
    first: AwareDatetime | None
    """Time of the first such event, UTC; none if it has no time."""
    events: int
    """How many events named it."""
    event_id: str
    """The first of them."""


class Standing(Noun):
    """What became of an incident after it was found; the latest word counts, and without one it is open."""

    incident: str
    """Id of the incident."""
    state: Literal["closed", "re-opened"]
    """What it is since then."""
    time: AwareDatetime
    """Since when, UTC."""
    by: str = ""
    """Who said so; empty if something watched was seen again."""
    why: str = ""
    """Their reason, in their words."""
    case: str = ""
    """Id of the case in which it was seen again."""
    joined: tuple[str, ...] = ()
    """Ids of the incidents of that case which it goes on in."""
    seen: tuple[Seen, ...] = ()
    """What was seen again."""


class Because(Noun):
    """A person's reason for what is to be done."""

    why: Annotated[str, Field(min_length=1, max_length=2_000, examples=["rebuilt, accounts reset"])]
    """The reason, in their words."""


class Watching(Noun):
    """Something that is to be looked out for."""

    incident: Annotated[str, Field(min_length=1, max_length=128, examples=["8bce"])]
    """Id of the incident that it is because of, or its first characters."""
    kind: Annotated[str, Field(max_length=40, examples=["domain"])]
    """What sort of thing it is."""
    value: Annotated[str, Field(min_length=1, max_length=1_000, examples=["evil[.]example"])]
    """What to look out for; `hxxp` and `[.]` are undone."""
    level: Level = "high"
    """Level of its signals; `low` re-opens nothing."""
    days: Annotated[int | None, Field(ge=1, le=3_660)] = None
    """How long; none: as long as is usual here."""
    why: Annotated[str, Field(min_length=1, max_length=2_000, examples=["named in the ransom note"])]
    """The reason, in the person's words."""
