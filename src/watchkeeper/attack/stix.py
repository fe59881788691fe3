"""ATT&CK as MITRE publishes it: a STIX 2.0 or 2.1 bundle into a catalogue. Owns what counts and what is left out; it opens no file.

Source: OASIS STIX 2.1; MITRE, "ATT&CK Data Model", whose fields begin with `x_mitre_`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from watchkeeper.attack.catalogue import Catalogue, Known, Row

MOST_BYTES = 256 << 20
"""The most a bundle may hold once it is unpacked; ATT&CK's is about 50 MiB."""
MOST_OBJECTS = 500_000
_MOST_TEXT, _MOST_ALIASES = 200, 100
_IDS = {
    "attack-pattern": re.compile(r"T\d{4}(\.\d{3})?", re.ASCII),
    "intrusion-set": re.compile(r"G\d{4}", re.ASCII),
    "malware": re.compile(r"S\d{4}", re.ASCII),
    "tool": re.compile(r"S\d{4}", re.ASCII),
    "campaign": re.compile(r"C\d{4}", re.ASCII),
}
_SOFTWARE = frozenset({"malware", "tool"})
_DOMAIN = "enterprise-attack"
MALFORMED = "objects that are not as STIX defines them"
OLDER = "older versions of an object"
REVOKED = "revoked objects"
DEPRECATED = "deprecated objects"
ELSEWHERE = "objects of another domain than enterprise"
NAMELESS = "objects without an ATT&CK id or a name"
TWICE = "objects with the ATT&CK id of another one"
LOOSE = "relations with an end that is not there or no longer in use"
LOST = "replaced techniques whose successors lead to none in use"


class _Reference(msgspec.Struct):
    source_name: str = ""
    external_id: str | None = None


class _Phase(msgspec.Struct):
    phase_name: str = ""


class _Head(msgspec.Struct):
    type: str = ""


class _Object(msgspec.Struct):
    type: str
    id: str
    modified: str = ""
    name: str = ""
    revoked: bool = False
    x_mitre_deprecated: bool = False
    x_mitre_version: str = ""
    aliases: list[str] = []
    x_mitre_aliases: list[str] = []
    x_mitre_domains: list[str] = []
    external_references: list[_Reference] = []
    kill_chain_phases: list[_Phase] = []
    relationship_type: str = ""
    source_ref: str = ""
    target_ref: str = ""


class _Bundle(msgspec.Struct):
    type: str
    objects: list[msgspec.Raw]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a bundle gave."""

    catalogue: Catalogue
    left_out: Counter[str]
    """How many objects were left out, by reason; kinds of objects that are not asked for are not among them."""


def read_bundle(content: bytes, version: str = "") -> Imported:
    """Read a bundle; `version` is that of ATT&CK where the bundle does not say one.

    Raises:
        ValueError: it is no STIX bundle, holds too many objects, or no technique of ATT&CK enterprise.
    """
    left_out = Counter[str]()
    newest = _newest(_objects(content), left_out)
    named = _named(newest.values(), left_out)
    techniques = tuple(
        Row(key, one.name[:_MOST_TEXT], tuple(dict.fromkeys(phase.phase_name[:_MOST_TEXT] for phase in one.kill_chain_phases)))
        for key, one in _of(named, "attack-pattern")
    )
    if not techniques:
        raise ValueError("it holds no technique of ATT&CK enterprise in use; MITRE publishes that as enterprise-attack.json")
    relations = _Relations(newest.values(), named, left_out)
    catalogue = Catalogue(
        version=_version(newest.values()) or version,
        modified=max((one.modified for one in newest.values()), default="")[:_MOST_TEXT],
        techniques=techniques,
        replaced=_replaced(newest, {row.id for row in techniques}, left_out),
        groups=tuple(relations.known(key, one) for key, one in _of(named, "intrusion-set")),
        software=tuple(relations.known(key, one) for key, one in _of(named, "malware", "tool")),
        campaigns=tuple(relations.known(key, one) for key, one in _of(named, "campaign")),
    )
    return Imported(catalogue, left_out)


def _objects(content: bytes) -> list[msgspec.Raw]:
    try:
        bundle = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_Bundle)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"it is no STIX bundle: {error}") from error
    if bundle.type != "bundle":
        raise ValueError(f"it is no STIX bundle: its type is {bundle.type[:_MOST_TEXT]!r}")
    if len(bundle.objects) > MOST_OBJECTS:
        raise ValueError(f"it holds {len(bundle.objects):,} objects, more than {MOST_OBJECTS:,}")
    return bundle.objects


def _newest(raws: Iterable[msgspec.Raw], left_out: Counter[str]) -> dict[str, _Object]:
    """Give each object of a kind that counts once, as it was changed last."""
    found: dict[str, _Object] = {}
    for one in _decoded(raws, left_out):
        before = found.get(one.id)
        if before is not None:
            left_out[OLDER] += 1
        if before is None or one.modified > before.modified:
            found[one.id] = one
    return found


def _decoded(raws: Iterable[msgspec.Raw], left_out: Counter[str]) -> Iterator[_Object]:
    for raw in raws:
        try:
            if msgspec.json.decode(raw, type=_Head).type in {*_IDS, "relationship", "x-mitre-collection"}:
                yield msgspec.json.decode(raw, type=_Object)
        except (msgspec.MsgspecError, RecursionError):
            left_out[MALFORMED] += 1


def _named(objects: Iterable[_Object], left_out: Counter[str]) -> dict[str, tuple[str, _Object]]:
    """Give what is in use, by its STIX id, with its ATT&CK id; of several with one ATT&CK id the one that was changed last."""
    holders: dict[str, _Object] = {}
    for one in sorted(objects, key=lambda one: (one.modified, one.id), reverse=True):
        if one.type not in _IDS:
            continue
        key = _key(one)
        reason = _unused(one) or ("" if key and one.name else NAMELESS) or (TWICE if key in holders else "")
        if reason:
            left_out[reason] += 1
        else:
            holders[key] = one
    return {one.id: (key, one) for key, one in holders.items()}


def _unused(one: _Object) -> str:
    if one.revoked:
        return REVOKED
    if one.x_mitre_deprecated:
        return DEPRECATED
    return ELSEWHERE if one.x_mitre_domains and _DOMAIN not in one.x_mitre_domains else ""


def _key(one: _Object) -> str:
    references = (ref.external_id or "" for ref in one.external_references if ref.source_name == "mitre-attack")
    return next((key for key in references if _IDS[one.type].fullmatch(key)), "")


def _of(named: Mapping[str, tuple[str, _Object]], *kinds: str) -> list[tuple[str, _Object]]:
    return sorted(((key, one) for key, one in named.values() if one.type in kinds), key=lambda pair: pair[0])


def _version(objects: Iterable[_Object]) -> str:
    found = [one for one in objects if one.type == "x-mitre-collection" and not one.revoked]
    return max(found, key=lambda one: one.modified).x_mitre_version[:_MOST_TEXT] if found else ""


class _Relations:
    """Who uses what, and who is behind what."""

    def __init__(self, objects: Iterable[_Object], named: Mapping[str, tuple[str, _Object]], left_out: Counter[str]) -> None:
        """Take the relations both ends of which are in use."""
        self._ends: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for one in objects:
            kind = one.relationship_type
            if one.type != "relationship" or kind not in {"uses", "attributed-to"} or _kind(one.source_ref) not in _IDS:
                continue
            source, target = named.get(one.source_ref), named.get(one.target_ref)
            if one.revoked or one.x_mitre_deprecated or source is None or target is None:
                left_out[LOOSE] += 1
                continue
            what = "software" if target[1].type in _SOFTWARE else target[1].type
            self._ends[one.source_ref, f"{kind} {what}"].add(target[0])

    def known(self, key: str, one: _Object) -> Known:
        """Give an object with what it uses."""
        aliases = (name[:_MOST_TEXT] for name in (*one.aliases, *one.x_mitre_aliases) if name and name != one.name)
        return Known(
            key,
            one.name[:_MOST_TEXT],
            tuple(dict.fromkeys(aliases))[:_MOST_ALIASES],
            tuple(sorted(self._ends[one.id, "uses attack-pattern"])),
            tuple(sorted(self._ends[one.id, "uses software"])),
            tuple(sorted(self._ends[one.id, "attributed-to intrusion-set"])),
        )


def _kind(reference: str) -> str:
    return reference.partition("--")[0]


def _replaced(newest: Mapping[str, _Object], live: set[str], left_out: Counter[str]) -> dict[str, str]:
    """Give the successor in use of each technique that was revoked; an id that is in use itself has none."""
    keys = {name: key for name, one in newest.items() if one.type == "attack-pattern" and (key := _key(one))}
    steps = {
        keys[one.source_ref]: keys[one.target_ref]
        for one in newest.values()
        if one.relationship_type == "revoked-by" and one.source_ref in keys and one.target_ref in keys
    }
    ends = flattened(steps, live)
    left_out[LOST] += sum(old not in ends for old in steps if old not in live)
    return ends


def flattened(steps: Mapping[str, str], live: set[str]) -> dict[str, str]:
    """Follow chains of successors to one that is in use; what is in use itself, leads to none or round in a circle is left out."""
    ends: dict[str, str] = {}
    for old in sorted(steps.keys() - live):
        end, seen = steps[old], {old}
        while end not in live and end in steps and end not in seen:
            seen.add(end)
            end = steps[end]
        if end in live:
            ends[old] = end
    return ends
