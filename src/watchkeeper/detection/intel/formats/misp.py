"""MISP events, search results and feeds. Owns which attribute types are which kind; a feed is a folder or zip of events beside a manifest.

Source: MISP core format (draft-dulaunoy-misp-core-format), MISP feed format.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import IO, Any, cast

import msgspec

from watchkeeper.detection.intel.formats.entry import ANY, Ask, Entries, Entry, Format, Refused, moment, whole
from watchkeeper.detection.intel.formats.tagged import Tagged, strictest, tagged, techniques_in

_HEAD = re.compile(rb'\A\s*\{\s*"(?:Event|response)"\s*:|\A\s*\[\s*\{\s*"(?:Event|Attribute)"\s*:|"Attribute"\s*:\s*\[|"Orgc"\s*:\s*\{')
_ADDRESSES, _HASH = ("ip-src", "ip-dst", "ip"), ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_TYPES: dict[str, tuple[str | None, ...]] = {
    **dict.fromkeys(_ADDRESSES, (ANY,)),
    "domain": ("domain",),
    "hostname": ("domain",),
    "url": ("url",),
    "uri": ("url",),
    "link": ("url",),
    "filename": ("file",),
    **dict.fromkeys(_HASH, ("hash",)),
    **dict.fromkeys(("email", "email-src", "email-dst", "whois-registrant-email", "dns-soa-email"), ("mailbox",)),
    "domain|ip": ("domain", "address"),
    **{f"{name}|port": (ANY, None) for name in _ADDRESSES},
    "hostname|port": ("domain", None),
    **{f"filename|{name}": (None, "hash") for name in _HASH},
    "malware-sample": (None, "hash"),
    "target-user": ("user",),
}
"""Kinds of the parts of a value between `|`; none is a part that is not compared: a port, or a name beside a hash."""
_OTHER_KIND = "an attribute of a type that is not compared with events"
_NOT_MEANT = "an attribute that its author does not mean for detection (to_ids)"
_MALFORMED = "something that is not as MISP writes it"
_MOST_DEPTH = 6
_decode = msgspec.json.Decoder(type=object).decode


def sniff(head: bytes) -> bool:
    """Say whether a file begins like an event, a search result, or a feed's manifest."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") and _HEAD.search(head) is not None


def entries(stream: IO[bytes], _: Ask) -> Entries:
    """Yield the attributes of every event in a file; a manifest has none."""
    try:
        parsed = _decode(whole(stream).removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from error
    yield from _within(parsed, 0)


def _within(value: object, depth: int) -> Entries:
    """Find events and loose attributes."""
    if depth > _MOST_DEPTH:
        yield Refused(_MALFORMED, "nested too deep")
        return
    for one in cast("list[object]", value) if isinstance(value, list) else [value]:
        if not isinstance(one, dict):
            yield Refused(_MALFORMED, str(one)[:200])
            continue
        table = cast("dict[str, object]", one)
        if "Event" in table and "Attribute" not in table and "value" not in table:
            yield from _within(table["Event"], depth + 1)
        elif "response" in table:
            yield from _within(table["response"], depth + 1)
        elif "value" in table and "type" in table:
            yield from _of_attribute(table, _tagged(table.get("Event")))
        elif "Attribute" in table or "Object" in table:
            yield from _of_event(table)


def _of_event(event: dict[str, object]) -> Entries:
    said = _tagged(event)
    info = event.get("info")
    if isinstance(info, str) and info:
        said = said._replace(labels=(*said.labels, info[:200]))
    for attribute in _listed(event, "Attribute"):
        yield from _of_attribute(attribute, said)
    for thing in _listed(event, "Object"):
        if not thing.get("deleted"):
            for attribute in _listed(thing, "Attribute"):
                yield from _of_attribute(attribute, said)


def _of_attribute(attribute: dict[str, Any], event: Tagged) -> Iterator[Entry | Refused]:
    kind, value = attribute.get("type"), attribute.get("value")
    if not isinstance(kind, str) or not isinstance(value, str):
        yield Refused(_MALFORMED, str(attribute)[:200])
        return
    kinds = _TYPES.get(kind)
    if kinds is None:
        yield Refused(_OTHER_KIND, f"{kind} {value[:200]}")
    elif attribute.get("to_ids") in (False, "0", 0):
        yield Refused(_NOT_MEANT, f"{kind} {value[:200]}")
    else:
        own = _tagged(attribute)
        labels = tuple(dict.fromkeys((*own.labels, *event.labels)))[:16]
        for one, text in zip(kinds, value.split("|") if len(kinds) > 1 else [value], strict=False):
            if one is not None:
                yield Entry(
                    kind=one,
                    text=text,
                    external_id=str(attribute.get("uuid") or ""),
                    valid_from=_first(attribute),
                    revoked=bool(attribute.get("deleted")),
                    tlp=strictest((own.tlp, event.tlp)),
                    labels=labels,
                    techniques=tuple(dict.fromkeys((*own.techniques, *event.techniques))),
                )


def _tagged(table: object) -> Tagged:
    if not isinstance(table, dict):
        return Tagged("", (), ())
    whole_table = cast("dict[str, object]", table)
    names = [name for tag in _listed(whole_table, "Tag") if isinstance(name := tag.get("name"), str)]
    clusters = [one for galaxy in _listed(whole_table, "Galaxy") for one in _listed(galaxy, "GalaxyCluster")]
    found = [name for cluster in clusters for name in techniques_in(f"{cluster.get('value', '')} {cluster.get('tag_name', '')}")]
    said = tagged(names)
    return said._replace(techniques=tuple(dict.fromkeys((*said.techniques, *found))))


def _listed(table: dict[str, object], name: str) -> Sequence[dict[str, Any]]:
    value = table.get(name)
    listed = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", one) for one in listed if isinstance(one, dict)]


def _first(attribute: dict[str, Any]) -> datetime | None:
    told = attribute.get("first_seen") or attribute.get("timestamp")
    found = moment(str(told)) if told else None
    return found if found is not None and found > datetime(1980, 1, 1, tzinfo=UTC) else None


misp = Format("misp", sniff, entries)
