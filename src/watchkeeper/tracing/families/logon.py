"""Logons: who opened which session from where, tickets and shares. Owns these edges; what a session then did stands in `process.py`."""

import re

from watchkeeper.evidence.naming import number, tail
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import Thing, address, named, text
from watchkeeper.tracing.families.pattern import Cast, Pattern, Patterns, machine, on_host, place, this_host, user

_MACHINERY = frozenset({"system", "local service", "network service", "anonymous logon", "dwm-1", "umfd-0", "umfd-1"})


def _person(event: Event) -> bool:
    name = text(event, "TargetUserName")
    return bool(name) and named(name) not in _MACHINERY and not name.endswith("$")


def _from_elsewhere(event: Event) -> bool:
    return _person(event) and address(text(event, "IpAddress")) is not None


def _here(event: Event) -> bool:
    return _person(event) and address(text(event, "IpAddress")) is None


def _caller(event: Event) -> bool:
    name = text(event, "SubjectUserName")
    return bool(name) and named(name) not in _MACHINERY and not name.endswith("$")


def _session(event: Event, _: Cast) -> Thing | None:
    number, owner = text(event, "TargetLogonId").lower(), text(event, "TargetUserName")
    details = {"user": owner, "logon": number, "type": text(event, "LogonType")}
    return Thing(f"logon|{event.host}|{number}", "logon", owner, event.host, details) if number else None


def _server(event: Event, cast: Cast) -> Thing | None:
    name = text(event, "TargetServerName")
    if not name or name.lower() == "localhost":
        return None
    return cast.place(name, event.time) or machine(name.split(".")[0].lower())


def _privileged(event: Event, _: Cast) -> Thing | None:
    number, owner = text(event, "SubjectLogonId").lower(), text(event, "SubjectUserName")
    return Thing(f"logon|{event.host}|{number}", "logon", owner, event.host, {"user": owner, "logon": number}) if number else None


def _shared(event: Event, _: Cast) -> Thing | None:
    """Make the file that was reached over a share, under the path it has on its host where the share is one of every host's own."""
    share, name = tail(text(event, "ShareName")).lower(), text(event, "RelativeTargetName").lstrip("\\")
    root = _ROOTS.get(share) or (f"{share[0]}:\\" if re.fullmatch(r"[a-z]\$", share) else "")
    path = f"{root}{name}" if root else name
    return Thing(f"file|{event.host}|{path.lower()}", "file", tail(path), event.host, {"path": path, "share": share}) if name else None


def _writes(event: Event) -> bool:
    rights = number(text(event, "AccessMask")) or 0
    return _caller(event) and bool(rights & _WRITE) and not text(event, "ShareName").lower().endswith("ipc$")


_ROOTS = {"admin$": "c:\\windows\\"}
_WRITE = 0x2 | 0x4
"""Rights to write and to append. Source: Microsoft Learn, "File Access Rights Constants"."""
_FAILED = ("logon.failed.from", "logon.failed")
_TICKET = (Pattern("asked", ("ticket.asked",), place("IpAddress"), user("TargetUserName"), when=_from_elsewhere),)

PATTERNS: Patterns = {
    "security 4624": (
        Pattern("logged-on", ("logon.from",), place("IpAddress"), _session, about_target=True, when=_from_elsewhere),
        Pattern("logged-on", ("logon.here",), user("TargetUserName"), _session, about_target=True, when=_here),
    ),
    "security 4625": (
        Pattern("failed", _FAILED, place("IpAddress"), user("TargetUserName"), when=_from_elsewhere),
        Pattern("failed", _FAILED, this_host, user("TargetUserName"), when=_here),
    ),
    "security 4648": (
        Pattern("used", ("logon.as",), user("SubjectUserName"), _server, when=_caller),
        Pattern("used", ("logon.as",), user("SubjectUserName"), user("TargetUserName"), when=_caller),
    ),
    "security 4672": (Pattern("privileged", ("logon.privileged",), user("SubjectUserName"), _privileged, when=_caller),),
    "security 4768": _TICKET,
    "security 4769": _TICKET,
    "security 5140": (Pattern("shared", ("share.used",), place("IpAddress"), on_host("file", "ShareName"), when=_caller),),
    "security 5145": (
        Pattern("wrote", ("share.file",), place("IpAddress"), _shared, when=_writes),
        Pattern("shared", ("share.file",), place("IpAddress"), _shared, when=lambda event: _caller(event) and not _writes(event)),
    ),
}
