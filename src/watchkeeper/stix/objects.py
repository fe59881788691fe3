"""STIX domain objects: heads, deterministic ids, identities, markings. Owns what all objects share; what is told stands where it is known.

Source: OASIS STIX 2.1, sections 2.9 (identifiers), 3.2 (common properties), 4.5 (identity); OASIS, TLP 2.0 extension definition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from watchkeeper.model.indicator import Tlp

Object = dict[str, Any]
_IDS = UUID("5f8f7b1e-6d0c-4c55-9a39-2f1a7f0be2d4")
_TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
MARKINGS: Mapping[str, Tlp] = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
"""Ids of the markings that both versions of TLP have, those of version 2 last."""
_MARKING_OF: Mapping[str, str] = {level: name for name, level in MARKINGS.items()}
MOST_COUNT = 999_999_999
"""Source: STIX 2.1, sections 4.14, `number_observed`, and 5.2, `count`."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who tells, since when, and whom it may be shown to; every object that it makes carries that."""

    id: str
    """Id of the identity."""
    created: datetime
    modified: datetime
    tlp: Tlp = ""
    labels: tuple[str, ...] = ()

    def object(self, of_type: str, key: tuple[str, ...], **properties: object) -> Object:
        """Give an object of which the author and the key make the id; properties without a value are left out."""
        said = {**head(of_type, id_of(of_type, self.id, *key), self.created, self.modified), "created_by_ref": self.id}
        said |= {name: value for name, value in properties.items() if value not in (None, "", [], {})}
        return self.marks(said)

    def marks(self, told: Object) -> Object:
        """Give an object with the author's labels and marking."""
        return told | ({"labels": list(self.labels)} if self.labels else {}) | marked(self.tlp)


def identity(name: str, of_class: str, key: str, now: datetime) -> Object:
    """Give an identity; versions of an object must agree on when it was made, and nobody knows when an organisation began."""
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return {**head("identity", id_of("identity", of_class, key), created, now), "name": name, "identity_class": of_class}


def marking(level: Tlp) -> Object:
    """Give the definition of a TLP 2.0 level."""
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": _MARKING_OF[level],
        "created": "2022-10-01T00:00:00.000Z",
        "name": f"TLP:{level.upper()}",
        "extensions": {_TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": level}},
    }


def marked(level: Tlp) -> Object:
    """Give the property that marks an object; none without a level."""
    return {"object_marking_refs": [_MARKING_OF[level]]} if level else {}


def bundle(key: tuple[str, ...], objects: Iterable[Object]) -> Object:
    """Give a bundle; of objects with one id the last stays, in the place of the first."""
    return {"type": "bundle", "id": unnamed_id("bundle", *key), "objects": list({one["id"]: one for one in objects}.values())}


def head(of_type: str, name: str, created: datetime, now: datetime) -> Object:
    """Give what every domain object begins with; nothing is modified before it was created."""
    return {"type": of_type, "spec_version": "2.1", "id": name, "created": stamp(created), "modified": stamp(max(created, now))}


def id_of(of_type: str, *parts: str) -> str:
    """Give the id that follows from what an object is about."""
    return f"{of_type}--{uuid5(_IDS, chr(0).join((of_type, *parts)))}"


def unnamed_id(of_type: str, *parts: str) -> str:
    """Give an id that looks random, as the standard wants it of bundles and processes, and still follows from what it is given."""
    digest = sha256("\0".join((str(_IDS), of_type, *parts)).encode()).digest()
    return f"{of_type}--{UUID(bytes=digest[:16], version=4)}"


def stamp(time: datetime) -> str:
    """Write a time as the standard does, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
