"""OpenIOC 1.0 and 1.1. Owns which terms are which kind, and that only what holds by itself is taken.

Source: OpenIOC 1.0 and 1.1 schemas (`ioc.xsd`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from watchkeeper.detection.intel.formats.entry import ANY, Ask, Entries, Entry, Format, Refused, whole
from watchkeeper.markup.strict_xml import read_xml

_HEAD = re.compile(rb"<(?:\w+:)?(?:ioc|OpenIOC)[\s>]")
_MOST_DEPTH, _MOST_NODES = 64, 4_000_000
_TERMS: Mapping[str, str] = {
    **dict.fromkeys(("fileitem/md5sum", "fileitem/sha1sum", "fileitem/sha256sum", "processitem/md5sum", "serviceitem/servicedllmd5sum",
                     "driveritem/md5sum", "driveritem/sha1sum", "driveritem/sha256sum", "taskitem/md5sum", "taskitem/sha1sum",
                     "emailattachment/content/md5sum"), "hash"),
    **dict.fromkeys(("fileitem/filename", "fileitem/fullpath", "fileitem/filepath/filename", "driveritem/drivername",
                     "processitem/name"), "file"),
    **dict.fromkeys(("network/dns", "dnsentryitem/recordname", "dnsentryitem/host", "urlhistoryitem/hostname", "cookiehistoryitem/hostname",
                     "network/string/domain"), ANY),
    **dict.fromkeys(("portitem/remoteip", "processitem/portlist/portitem/remoteip", "routeentryitem/destination", "network/ip",
                     "dnsentryitem/recorddata/ipv4address", "arpentryitem/ipv4address", "email/receivedfromip"), ANY),
    **dict.fromkeys(("network/uri", "network/url", "urlhistoryitem/url", "filedownloadhistoryitem/sourceurl"), "url"),
    **dict.fromkeys(("email/from", "email/to", "email/sender", "email/cc"), "mailbox"),
    **dict.fromkeys(("useritem/username", "processitem/username"), "user"),
}  # fmt: skip
_OTHER_TERM = "a term that is not compared with events"
_TOGETHER = "several conditions that must hold together"
_OPERATOR = "a condition other than `is`, or its opposite"


@dataclass(slots=True)
class _Item:
    """One condition."""

    condition: str
    negated: bool
    search: str = ""
    content: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class _Group:
    """Conditions that are joined."""

    operator: str
    parts: list["_Item | _Group"] = field(default_factory=list["_Item | _Group"])


@dataclass(slots=True)
class _Ioc:
    """One document."""

    identity: str
    name: str = ""
    groups: list[_Group] = field(default_factory=list[_Group])


def sniff(head: bytes) -> bool:
    """Say whether a file begins like an indicator of compromise, or several."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _HEAD.search(head) is not None


def entries(stream: IO[bytes], _: Ask) -> Entries:
    """Yield an entry for each condition that holds by itself."""
    reading = _Reading()
    read_xml(whole(stream), reading, most_depth=_MOST_DEPTH, most_nodes=_MOST_NODES)
    for ioc in reading.found:
        for group in ioc.groups:
            yield from _of_group(group, ioc)


def _of_group(group: _Group, ioc: _Ioc) -> Entries:
    if group.operator == "AND" and len(group.parts) > 1:
        yield Refused(_TOGETHER, f"{ioc.identity} {ioc.name[:200]}")
        return
    for part in group.parts:
        yield from _of_group(part, ioc) if isinstance(part, _Group) else _of_item(part, ioc)


def _of_item(item: _Item, ioc: _Ioc) -> Entries:
    kind = _TERMS.get(item.search.lower())
    text = "".join(item.content).strip()
    if kind is None:
        yield Refused(_OTHER_TERM, f"{ioc.identity} {item.search[:200]}")
    elif item.negated or item.condition != "is":
        yield Refused(_OPERATOR, f"{ioc.identity} {item.search} {item.condition} {text[:200]}")
    else:
        yield Entry(kind, text, ioc.identity[:200], labels=(ioc.name[:200],) if ioc.name else ())


class _Reading:
    """Where the parser stands, and what it has found."""

    def __init__(self) -> None:
        self.found: list[_Ioc] = []
        self._path: list[str] = []
        self._groups: list[_Group] = []
        self._item: _Item | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._path.append(name)
        if name in ("ioc", "OpenIOC") and "id" in attributes:
            self.found.append(_Ioc(attributes["id"]))
        elif name == "Indicator" and self.found:
            group = _Group(attributes.get("operator", "OR").upper())
            (self._groups[-1].parts if self._groups else self.found[-1].groups).append(group)
            self._groups.append(group)
        elif name == "IndicatorItem" and self._groups:
            self._item = _Item(attributes.get("condition", "is"), attributes.get("negate", "").lower() == "true")
            self._groups[-1].parts.append(self._item)
        elif name == "Context" and self._item:
            self._item.search = attributes.get("search", "")

    def text(self, data: str) -> None:
        if self._path[-1] == "Content" and self._item:
            self._item.content.append(data)
        elif _is_title(self._path) and self.found:
            self.found[-1].name += data

    def end(self, _tag: str) -> None:
        name = self._path.pop()
        if name == "Indicator" and self._groups:
            self._groups.pop()
        elif name == "IndicatorItem":
            self._item = None


def _is_title(path: Sequence[str]) -> bool:
    """Say whether this is the title: of 1.0 right below the root, of 1.1 within its metadata."""
    return path[-1] == "short_description" and path[-2:-1] in (["ioc"], ["metadata"])


openioc = Format("openioc", sniff, entries)
