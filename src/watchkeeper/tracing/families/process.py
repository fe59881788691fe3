"""Processes: who started, opened, injected into whom. Owns these edges; who is who stands in `tracing/processes.py`."""

import re

from watchkeeper.evidence.naming import short, tail
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import Thing, text
from watchkeeper.tracing.families.pattern import Cast, Pattern, Patterns, process, this_host
from watchkeeper.tracing.processes import ACTOR, CREATOR, NEW, OPENER, PARENT, SOURCE, SOURCE_10, TARGET, TARGET_10

_STANDING = frozenset({"0x3e7", "0x3e4", "0x3e5", "0x0", "999", "996", "997"})
"""Logon sessions that every Windows host has: nobody logged on for them."""
_PATH = re.compile(r"(?P<path>[A-Za-z]:\\(?:[^\\/:*?\"<>|\r\n,]+\\)*[^\\/:*?\"<>|\r\n, ]+\.\w{1,5})(?=[\s\",;]|$)")
_STARTED = ("process.started", "process.started.plain", "process.ran", "process.ran.plain")


def session_of(event: Event, _: Cast) -> Thing | None:
    """Make the logon session a process runs in; none of those that every host has."""
    number = text(event, "LogonId", "TargetLogonId", "SubjectLogonId").lower()
    owner = text(event, "User", "TargetUserName", "SubjectUserName")
    if not number or number in _STANDING:
        return None
    return Thing(f"logon|{event.host}|{number}", "logon", owner or number, event.host, {"user": owner, "logon": number})


def _lsass(event: Event) -> bool:
    return text(event, "ObjectName").lower().endswith("lsass.exe")


def _opened(event: Event, cast: Cast) -> Thing | None:
    return cast.processes.only(event.host, text(event, "ObjectName"))


def _image(event: Event, _: Cast) -> Thing | None:
    """Make the file a process was started from, unless it lies with the system's own: everybody runs those."""
    path = text(event, "Image", "NewProcessName")
    if not path or short(path) != path:
        return None
    return Thing(f"file|{event.host}|{path.lower()}", "file", tail(path), event.host, {"path": path})


def _read(event: Event, _: Cast) -> Thing | None:
    """Make the file outside the system's folders that a command line names: a script, a library, a document."""
    image = text(event, "Image", "NewProcessName").lower()
    for match in _PATH.finditer(text(event, "CommandLine")):
        path = match["path"]
        if short(path) == path and path.lower() != image:
            return Thing(f"file|{event.host}|{path.lower()}", "file", tail(path), event.host, {"path": path})
    return None


_HANDLE = Pattern("opened", ("process.opened",), process(OPENER), _opened, when=_lsass)

PATTERNS: Patterns = {
    "sysmon 1": (
        Pattern("started", _STARTED, process(PARENT), process(ACTOR), about_target=True),
        Pattern("owned", (), session_of, process(ACTOR), about_target=True),
        Pattern("became", (), _image, process(ACTOR), about_target=True),
        Pattern("became", (), _read, process(ACTOR), about_target=True),
    ),
    "security 4688": (
        Pattern("started", _STARTED, process(CREATOR), process(NEW), about_target=True),
        Pattern("owned", (), session_of, process(NEW), about_target=True),
        Pattern("became", (), _image, process(NEW), about_target=True),
        Pattern("became", (), _read, process(NEW), about_target=True),
    ),
    "sysmon 8": (Pattern("injected", ("process.injected",), process(SOURCE), process(TARGET)),),
    "sysmon 10": (Pattern("opened", ("process.opened",), process(SOURCE_10), process(TARGET_10)),),
    "sysmon 25": (Pattern("tampered", ("process.tampered",), this_host, process(ACTOR), about_target=True),),
    "security 4656": (_HANDLE,),
    "security 4663": (_HANDLE,),
}
