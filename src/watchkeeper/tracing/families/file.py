"""Files and pipes: who wrote, downloaded, deleted, opened what. Owns these edges."""

import re

from watchkeeper.evidence.naming import tail
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import Thing, address, text
from watchkeeper.tracing.families.pattern import Cast, Pattern, Patterns, on_host, process
from watchkeeper.tracing.processes import ACTOR

_URL = re.compile(r"HostUrl=(?P<url>\S+)", re.IGNORECASE)
_SITE = re.compile(r"^[a-z]+://(?:[^/@]*@)?\[?(?P<site>[^/\]:]+)", re.IGNORECASE)
_STREAM = ":Zone.Identifier"


def _file(event: Event, _: Cast) -> Thing | None:
    path = text(event, "TargetFilename").removesuffix(_STREAM)
    details = {"path": path, "hash": "" if text(event, "TargetFilename") != path else text(event, "Hash", "Hashes")}
    return (
        Thing(f"file|{event.host}|{path.lower()}", "file", tail(path), event.host, {k: v for k, v in details.items() if v})
        if path
        else None
    )


def _site(event: Event, cast: Cast) -> Thing | None:
    """Make the address or domain that the mark of the web says a file came from."""
    url = _URL.search(text(event, "Contents"))
    site = _SITE.match(url["url"]) if url else None
    if site is None:
        return None
    found = site["site"].lower()
    return cast.place(found, event.time) if address(found) else Thing(f"domain|{found}", "domain", found)


def _marked(event: Event) -> bool:
    return _URL.search(text(event, "Contents")) is not None


_WROTE = Pattern("wrote", ("file.written", "file.streamed"), process(ACTOR), _file)
_DELETED = (Pattern("deleted", ("file.deleted",), process(ACTOR), _file),)

PATTERNS: Patterns = {
    "sysmon 11": (_WROTE,),
    "sysmon 15": (_WROTE, Pattern("downloaded", ("file.marked",), _site, _file, about_target=True, when=_marked)),
    "sysmon 7": (Pattern("loaded", ("library.loaded",), process(ACTOR), on_host("file", "ImageLoaded", detail=("hash", "Hashes"))),),
    "sysmon 29": (_WROTE,),
    "sysmon 23": _DELETED,
    "sysmon 26": _DELETED,
    "sysmon 17": (Pattern("created-pipe", ("pipe.created",), process(ACTOR), on_host("file", "PipeName")),),
    "sysmon 18": (Pattern("opened-pipe", ("pipe.opened",), process(ACTOR), on_host("file", "PipeName")),),
}
