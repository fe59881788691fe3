"""What was sighted, as a STIX 2.1 bundle for others. Owns the objects and their ids; which sightings may leave is `autopilot`'s.

An indicator is told as its value, with its source's own id beside it: it is ours to tell that it was seen, not to change what others wrote.
Ids depend on who tells, the indicator and nothing else, so that a later bundle is a newer version of the same objects.

Source: OASIS STIX 2.1, sections 4.5 (identity), 4.7 (indicator), 5.2 (sighting), 9 (patterns); OASIS, TLP 2.0 extension definition.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from watchkeeper.detection.intel.formats.stix import TLP_MARKINGS
from watchkeeper.model.indicator import Tlp

_IDS = UUID("5f8f7b1e-6d0c-4c55-9a39-2f1a7f0be2d4")
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_MARKINGS: Mapping[str, str] = {level: name for name, level in TLP_MARKINGS.items()}
MOST_COUNT = 999_999_999
"""Source: STIX 2.1, section 5.2, `count`."""
_PATHS = {"domain": "domain-name:value", "url": "url:value", "mailbox": "email-addr:value", "user": "user-account:account_login"}
_HASHES = {32: "MD5", 40: "'SHA-1'", 56: "'SHA-224'", 64: "'SHA-256'", 96: "'SHA-384'", 128: "'SHA-512'"}
_FOLDERS = re.compile(r"(.*)[\\/]([^\\/]+)", re.DOTALL)
_Object = dict[str, Any]


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


def bundle(sighted: Sequence[Sighted], organisation: str, now: datetime) -> _Object:
    """Give the bundle of what an organisation saw; indicators that a pattern cannot tell (`pattern_of`) are left out.

    Raises:
        ValueError: the organisation has no name.
    """
    if not organisation.strip():
        raise ValueError("a sighting needs somebody who saw it; --organisation gives a name")
    who = _identity(organisation.strip(), "organization", organisation.strip(), now)
    told = [one for one in sighted if pattern_of(one.indicator["kind"], one.indicator["value"])]
    objects: dict[str, _Object] = {one["id"]: one for one in _objects(told, who, now)}
    markings = [_marking(level) for level in dict.fromkeys(one.indicator["tlp"] for one in told) if level]
    return {"type": "bundle", "id": _id("bundle", who["id"], now.isoformat()), "objects": [who, *markings, *objects.values()]}


def pattern_of(kind: str, value: str) -> str:
    """Give the STIX pattern of a canonical value; empty for a kind that STIX has no object for."""
    match kind:
        case "address":
            return _equal("ipv6-addr:value" if ":" in value else "ipv4-addr:value", value)
        case "network":
            address = "ipv6-addr:value" if ":" in value else "ipv4-addr:value"
            return f"[{address} ISSUBSET {_quoted(value)}]"
        case "hash":
            return _equal(f"file:hashes.{_HASHES[len(value)]}", value)
        case "file":
            found = _FOLDERS.fullmatch(value)
            if found is None:
                return _equal("file:name", value)
            return f"[file:name = {_quoted(found.group(2))} AND file:parent_directory_ref.path = {_quoted(found.group(1))}]"
        case _:
            return _equal(_PATHS[kind], value) if kind in _PATHS else ""


def _objects(sighted: Sequence[Sighted], who: _Object, now: datetime) -> Iterator[_Object]:
    for one in sighted:
        indicator = _indicator(one.indicator, who, now)
        hosts = [_identity(host, "system", f"{who['id']}\0{host}", now) for host in one.hosts]
        yield indicator
        yield from hosts
        yield _sighting(one, indicator, [who["id"], *(host["id"] for host in hosts)], now)


def _indicator(row: Mapping[str, Any], who: _Object, now: datetime) -> _Object:
    since: datetime = row["valid_from"] or row["first_seen"]
    until: datetime | None = row["valid_until"]
    if until:
        since = min(since, until - timedelta(milliseconds=1))  # the standard wants the end later than the beginning
    kind, value = row["kind"], row["value"]
    said: _Object = {
        **_head("indicator", _id("indicator", who["id"], row["id"]), row["first_seen"], now),
        "created_by_ref": who["id"],
        "name": value,
        "pattern": pattern_of(kind, value),
        "pattern_type": "stix",
        "valid_from": _time(since),
        "confidence": row["confidence"],
    }
    if until:
        said["valid_until"] = _time(until)
    if row["labels"]:
        said["labels"] = list(row["labels"])
    references = [{"source_name": row["source"], "external_id": row["external_id"]}] if row["external_id"] else []
    references += [{"source_name": "mitre-attack", "external_id": name} for name in row["techniques"]]
    return said | ({"external_references": references} if references else {}) | _marked(row["tlp"])


def _sighting(one: Sighted, indicator: _Object, where: list[str], now: datetime) -> _Object:
    said: _Object = {
        **_head("sighting", _id("sighting", indicator["id"]), one.indicator["first_seen"], now),
        "created_by_ref": where[0],
        "count": min(one.count, MOST_COUNT),
        "sighting_of_ref": indicator["id"],
        "where_sighted_refs": where,
    }
    if one.first:
        said["first_seen"] = _time(one.first)
    if one.last:
        said["last_seen"] = _time(one.last)
    return said | _marked(one.indicator["tlp"])


def _identity(name: str, of_class: str, key: str, now: datetime) -> _Object:
    created = datetime(2026, 1, 1, tzinfo=UTC)  # versions of an object must agree on it, and nobody knows when an organisation began
    return {**_head("identity", _id("identity", of_class, key), created, now), "name": name, "identity_class": of_class}


def _marking(level: Tlp) -> _Object:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _MARKINGS[level],
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{level.upper()}",
        "extensions": {_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": level}},
    }


def _marked(level: Tlp) -> _Object:
    return {"object_marking_refs": [_MARKINGS[level]]} if level else {}


def _head(of_type: str, name: str, created: datetime, now: datetime) -> _Object:
    return {"type": of_type, "spec_version": "2.1", "id": name, "created": _time(created), "modified": _time(max(created, now))}


def _id(of_type: str, *parts: str) -> str:
    return f"{of_type}--{uuid5(_IDS, chr(0).join((of_type, *parts)))}"


def _time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _equal(path: str, value: str) -> str:
    return f"[{path} = {_quoted(value)}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
