"""What was sighted, as a STIX 2.1 bundle for others. Owns the objects and their ids; which sightings may leave is `autopilot`'s.

An indicator is told as its value, with its source's own id beside it: it is ours to tell that it was seen, not to change what others wrote.
Ids depend on who tells, the indicator and nothing else, so that a later bundle is a newer version of the same objects.

Source: OASIS STIX 2.1, sections 4.7 (indicator), 5.2 (sighting).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchkeeper.stix.objects import MOST_COUNT, Object, head, id_of, identity, marked, marking, stamp
from watchkeeper.stix.objects import bundle as bundled
from watchkeeper.stix.patterns import pattern_of


@dataclass(frozen=True, slots=True)
class Sighted:
    """An indicator that was seen."""

    indicator: Mapping[str, Any]
    """A row of `INDICATOR_SCHEMA`."""
    count: int
    first: datetime | None
    last: datetime | None
    hosts: tuple[str, ...] = ()
    """Hosts to be named; none leaves them out."""


def bundle(sighted: Sequence[Sighted], organisation: str, now: datetime) -> Object:
    """Give the bundle of what an organisation saw; indicators that a pattern cannot tell (`pattern_of`) are left out.

    Raises:
        ValueError: the organisation has no name.
    """
    if not organisation.strip():
        raise ValueError("a sighting needs somebody who saw it; --organisation gives a name")
    who = identity(organisation.strip(), "organization", organisation.strip(), now)
    told = [one for one in sighted if pattern_of(one.indicator["kind"], one.indicator["value"])]
    markings = [marking(level) for level in dict.fromkeys(one.indicator["tlp"] for one in told) if level]
    return bundled((who["id"], now.isoformat()), [who, *markings, *_objects(told, who, now)])


def _objects(sighted: Sequence[Sighted], who: Object, now: datetime) -> Iterator[Object]:
    for one in sighted:
        indicator = _indicator(one.indicator, who, now)
        hosts = [identity(host, "system", f"{who['id']}\0{host}", now) for host in one.hosts]
        yield indicator
        yield from hosts
        yield _sighting(one, indicator, [who["id"], *(host["id"] for host in hosts)], now)


def _indicator(row: Mapping[str, Any], who: Object, now: datetime) -> Object:
    since: datetime = row["valid_from"] or row["first_seen"]
    until: datetime | None = row["valid_until"]
    if until:
        since = min(since, until - timedelta(milliseconds=1))  # the standard wants the end later than the beginning
    kind, value = row["kind"], row["value"]
    said: Object = {
        **head("indicator", id_of("indicator", who["id"], row["id"]), row["first_seen"], now),
        "created_by_ref": who["id"],
        "name": value,
        "pattern": pattern_of(kind, value),
        "pattern_type": "stix",
        "valid_from": stamp(since),
        "confidence": row["confidence"],
    }
    if until:
        said["valid_until"] = stamp(until)
    if row["labels"]:
        said["labels"] = list(row["labels"])
    references = [{"source_name": row["source"], "external_id": row["external_id"]}] if row["external_id"] else []
    references += [{"source_name": "mitre-attack", "external_id": name} for name in row["techniques"]]
    return said | ({"external_references": references} if references else {}) | marked(row["tlp"])


def _sighting(one: Sighted, indicator: Object, where: list[str], now: datetime) -> Object:
    said: Object = {
        **head("sighting", id_of("sighting", indicator["id"]), one.indicator["first_seen"], now),
        "created_by_ref": where[0],
        "count": min(one.count, MOST_COUNT),
        "sighting_of_ref": indicator["id"],
        "where_sighted_refs": where,
    }
    if one.first:
        said["first_seen"] = stamp(one.first)
    if one.last:
        said["last_seen"] = stamp(one.last)
    return said | marked(one.indicator["tlp"])
