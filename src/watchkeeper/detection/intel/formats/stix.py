"""STIX 2.0 and 2.1 bundles, and the envelopes of TAXII. Owns objects and their relations; patterns stand in `stix_pattern`.

Source: OASIS STIX 2.1, sections 4.7 (indicator), 5 (relationship), 7.2 (markings).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

import msgspec

from watchkeeper.detection.intel.formats.entry import ANY, Ask, Entries, Entry, Format, Refused, aware, whole
from watchkeeper.detection.intel.formats.stix_pattern import Comparison, Unmatched, alternatives
from watchkeeper.detection.intel.formats.tagged import MOST_LABELS, strictest, tagged, techniques_in, tlp_of
from watchkeeper.model.indicator import Tlp
from watchkeeper.stix.objects import MARKINGS

_BUNDLE = re.compile(rb'"type"\s*:\s*"bundle"|"spec_version"\s*:\s*"2\.|"pattern_type"\s*:|"id"\s*:\s*"bundle--')
_KINDS = {
    "ipv4-addr:value": "address",
    "ipv6-addr:value": "address",
    "domain-name:value": "domain",
    "url:value": "url",
    "email-addr:value": "mailbox",
    "email-message:from_ref.value": "mailbox",
    "email-message:sender_ref.value": "mailbox",
    "file:name": "file",
    "user-account:account_login": "user",
    "user-account:user_id": "user",
    "network-traffic:dst_ref.value": ANY,
    "network-traffic:src_ref.value": ANY,
}
_HASHES = re.compile(r"\A(?:file|artifact):hashes\.'?(?:MD5|SHA-?1|SHA-?224|SHA-?256|SHA-?384|SHA-?512)'?\Z", re.IGNORECASE)
_OTHER_KIND = "another kind of object than is compared with events"
_OTHER_LANGUAGE = "a pattern in another language than STIX"
_MALFORMED = "an object that is not as STIX defines it"


class _Reference(msgspec.Struct):
    source_name: str = ""
    external_id: str | None = None


class _Head(msgspec.Struct):
    type: str = ""


class _Indicator(msgspec.Struct):
    id: str = ""
    pattern: str | None = None
    pattern_type: str = "stix"
    name: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked: bool | None = False
    confidence: int | None = None
    labels: list[str] | None = None
    indicator_types: list[str] | None = None
    object_marking_refs: list[str] | None = None
    external_references: list[_Reference] | None = None


class _Relationship(msgspec.Struct):
    relationship_type: str = ""
    source_ref: str = ""
    target_ref: str = ""


class _Named(msgspec.Struct):
    """An attack pattern, malware, tool, campaign or marking."""

    id: str = ""
    name: str | None = None
    external_references: list[_Reference] | None = None
    definition: dict[str, msgspec.Raw] | None = None


class _Bundle(msgspec.Struct):
    objects: list[msgspec.Raw] = []


class _Meaning:
    """What other objects of a bundle say about its indicators."""

    def __init__(self) -> None:
        self.tlp = dict(MARKINGS)
        self.labels: defaultdict[str, list[str]] = defaultdict(list)
        self.techniques: defaultdict[str, list[str]] = defaultdict(list)
        self._named: dict[str, _Named] = {}
        self._targets: list[tuple[str, str]] = []

    def take(self, kind: str, raw: msgspec.Raw) -> None:
        """Take in an object that is no indicator; one that is malformed says nothing."""
        try:
            if kind == "relationship":
                relation = msgspec.json.decode(raw, type=_Relationship)
                if relation.relationship_type == "indicates":
                    self._targets.append((relation.source_ref, relation.target_ref))
            elif kind in _NAMED:
                named = msgspec.json.decode(raw, type=_Named)
                self._named[named.id] = named
        except msgspec.ValidationError:
            return

    def settle(self) -> None:
        """Say of each indicator what it indicates."""
        for marking in self._named.values():
            level = tlp_of(marking.name or "") or tlp_of(_tlp_text(marking))
            if level:
                self.tlp.setdefault(marking.id, level)
        for source, target in self._targets:
            named = self._named.get(target)
            if named is None:
                continue
            if target.startswith("attack-pattern--"):
                self.techniques[source] += _techniques(named.external_references)
            elif named.name:
                self.labels[source].append(named.name)


_NAMED = frozenset({
    "attack-pattern", "malware", "tool", "campaign", "threat-actor", "intrusion-set", "infrastructure", "marking-definition",
})  # fmt: skip


def sniff(head: bytes) -> bool:
    """Say whether a file begins like a bundle or an envelope."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _BUNDLE.search(head) is not None


def entries(stream: IO[bytes], _: Ask) -> Entries:
    """Yield an entry for each value of each indicator's pattern."""
    yield from of_objects(objects(whole(stream)))


def objects(content: bytes) -> list[msgspec.Raw]:
    """Give the objects of a bundle or an envelope.

    Raises:
        ValueError: it is neither.
    """
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=_Bundle).objects
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"no STIX bundle: {error}") from error


def of_objects(found: Iterable[msgspec.Raw]) -> Entries:
    """Yield the entries of objects, however many bundles they came in."""
    meaning = _Meaning()
    indicators: list[msgspec.Raw] = []
    for raw in found:
        kind = _kind(raw)
        if kind == "indicator":
            indicators.append(raw)
        elif kind is None:
            yield Refused(_MALFORMED, bytes(raw)[:200].decode(errors="replace"))
        else:
            meaning.take(kind, raw)
    meaning.settle()
    for raw in indicators:
        yield from _of_indicator(raw, meaning)


def _kind(raw: msgspec.Raw) -> str | None:
    try:
        return msgspec.json.decode(raw, type=_Head).type
    except (msgspec.MsgspecError, RecursionError):
        return None


def _of_indicator(raw: msgspec.Raw, meaning: _Meaning) -> Iterator[Entry | Refused]:
    try:
        one = msgspec.json.decode(raw, type=_Indicator)
    except msgspec.ValidationError as error:
        yield Refused(_MALFORMED, f"{bytes(raw)[:200].decode(errors='replace')}: {error}")
        return
    if one.pattern is None or one.pattern_type != "stix":
        yield Refused(_OTHER_LANGUAGE if one.pattern else _MALFORMED, f"{one.id} {one.pattern_type}")
        return
    said = _said(one, meaning)
    for part in alternatives(one.pattern):
        if isinstance(part, Unmatched):
            yield Refused(part.reason, f"{one.id} {one.pattern[:200]}")
        else:
            kind = _kind_of(part)
            yield Refused(_OTHER_KIND, f"{one.id} {part.path}") if kind is None else said._replace(kind=kind, text=part.value)


def _said(one: _Indicator, meaning: _Meaning) -> Entry:
    """Give the entry without its value."""
    tags = tagged((*(one.labels or ()), *(one.indicator_types or ())))
    marks: list[Tlp] = [meaning.tlp[mark] for mark in one.object_marking_refs or () if mark in meaning.tlp]
    named = [one.name] if one.name else []
    labels: dict[str, None] = dict.fromkeys([*meaning.labels[one.id], *tags.labels, *named])
    techniques = dict.fromkeys((*meaning.techniques[one.id], *tags.techniques, *_techniques(one.external_references)))
    return Entry(
        kind=ANY,
        text="",
        external_id=one.id,
        confidence=None if one.confidence is None else max(0, min(100, one.confidence)),
        valid_from=aware(one.valid_from),
        valid_until=aware(one.valid_until),
        revoked=bool(one.revoked),
        tlp=strictest([*marks, tags.tlp]),
        labels=tuple(label[:200] for label in labels)[:MOST_LABELS],
        techniques=tuple(techniques),
    )


def _kind_of(part: Comparison) -> str | None:
    if part.path in ("ipv4-addr:value", "ipv6-addr:value") and "/" in part.value:
        return "network"
    return "hash" if _HASHES.match(part.path) else _KINDS.get(part.path)


def _techniques(references: Iterable[_Reference] | None) -> list[str]:
    return [name for one in references or () if "mitre" in one.source_name for name in techniques_in(one.external_id or "")]


def _tlp_text(marking: _Named) -> str:
    raw = (marking.definition or {}).get("tlp")
    text = msgspec.json.decode(raw) if raw is not None else ""
    return text if isinstance(text, str) else ""


stix = Format("stix", sniff, entries)
