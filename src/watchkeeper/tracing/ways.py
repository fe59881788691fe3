"""Ways: by what means a session was opened from another host, as the target recorded it. Owns reading that; who came is `onward`'s."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.evidence import origin
from watchkeeper.evidence.naming import tail
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import Fact, named, text

_AT_ONCE = timedelta(seconds=10)
_MOST = 6
_ORDER = ("service", "task", "wmi", "winrm", "dcom", "rdp", "ssh", "file", "registry", "pipe")
"""What says most of how a host was worked comes first."""
_PIPES: Mapping[str, str] = {
    "svcctl": "service",
    "atsvc": "task",
    "winreg": "registry",
    "epmapper": "pipe",
    "spoolss": "pipe",
    "efsrpc": "pipe",
}
_LOGON_IDS: Mapping[str, str] = {
    "security 5140": "SubjectLogonId", "security 5145": "SubjectLogonId", "security 4697": "SubjectLogonId",
    "security 4698": "SubjectLogonId",
    "security 4702": "SubjectLogonId", "sysmon 1": "LogonId", "security 4688": "TargetLogonId",
}  # fmt: skip
_BY_TIME = frozenset({"system 7045", "terminal 1149", "sessions 21", "sessions 25"})
"""Events that name no session: they belong to one that began, or opened the pipe of services, at the same moment."""
_RDP_TYPES, _WRITES = frozenset({"10", "12"}), 0x2 | 0x4
_HOSTED: Mapping[str, str] = {"wsmprovhost.exe": "winrm", "winrshost.exe": "winrm"}
_BROKERS: Mapping[str, str] = {"wmiprvse.exe": "wmi", "mmc.exe": "dcom", "wsmprovhost.exe": "winrm", "winrshost.exe": "winrm"}


@dataclass(frozen=True, slots=True)
class Way:
    """How a session was worked, and the events that show it."""

    name: str
    """One of service, task, wmi, winrm, dcom, rdp, ssh, file, registry, pipe; empty if nothing says."""
    shown_by: tuple[Event, ...]


class Ways:
    """What targets recorded, by session and by host."""

    def __init__(self, events: Iterable[Event]) -> None:
        """Sort the events that may say how a session was worked."""
        self._by_session: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self._by_host: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            kind = origin(event.logsource)
            number = text(event, _LOGON_IDS[kind]).lower() if kind in _LOGON_IDS else ""
            if number and way_of(event):
                self._by_session[event.host, number].append(event)
            elif kind in _BY_TIME and event.time:
                self._by_host[event.host].append(event)
        for found in self._by_host.values():
            found.sort(key=_moment)

    def of(self, logon: Fact) -> Way:
        """Say how the session of a logon from elsewhere was worked."""
        event = logon.event
        number = text(event, "TargetLogonId").lower()
        ours = list(self._by_session.get((event.host, number), ()))
        pipes = [one for one in ours if _pipe(one) == "service" and origin(one.logsource) == "security 5145"]
        ours += [one for began in (event, *pipes[:1]) for one in self._at(began, logon.target.details.get("user", ""))]
        by_way: dict[str, list[Event]] = defaultdict(list)
        for one in {one.id: one for one in ours}.values():
            by_way[way_of(one)].append(one)
        own = "rdp" if text(event, "LogonType") in _RDP_TYPES else "ssh" if event.logsource.service == "sshd" else ""
        name = next((way for way in _ORDER if way in by_way or way == own), "")
        return Way(name, tuple(sorted(by_way.get(name, ()), key=_moment)[:_MOST]))

    def _at(self, began: Event, user: str) -> Iterator[Event]:
        """Yield what names no session and came right after; where it names a user, only that one's."""
        near = self._by_host.get(began.host, [])
        if began.time is None:
            return
        for event in near[bisect_left(near, began.time.timestamp(), key=_moment) :]:
            if _moment(event) > (began.time + _AT_ONCE).timestamp():
                break
            who = named(text(event, "User", "Param1", "param1"))
            if origin(event.logsource) == "system 7045" or who == named(user):
                yield event


def way_of(event: Event) -> str:
    """Say which way of working a host from another one event shows, if any."""
    match origin(event.logsource):
        case "security 4697" | "system 7045":
            return "service"
        case "security 4698" | "security 4702":
            return "task"
        case "terminal 1149" | "sessions 21" | "sessions 25":
            return "rdp"
        case "security 5145":
            return _pipe(event) or ("file" if _writes(event) else "")
        case "sysmon 1" | "security 4688":
            image, parent = text(event, "Image", "NewProcessName"), text(event, "ParentImage", "ParentProcessName")
            served = "-embedding" in text(event, "CommandLine").lower() and tail(parent).lower() == "svchost.exe"
            return _HOSTED.get(tail(image).lower(), "") or _BROKERS.get(tail(parent).lower(), "") or ("dcom" if served else "")
        case _:
            return ""


def _pipe(event: Event) -> str:
    pipe = text(event, "ShareName").lower().endswith("ipc$")
    return _PIPES.get(text(event, "RelativeTargetName").lower().strip("\\"), "") if pipe else ""


def _writes(event: Event) -> bool:
    """Say whether a file on an administrative share was written."""
    share = text(event, "ShareName").lower()
    try:
        rights = int(text(event, "AccessMask") or "0", 0)
    except ValueError:
        rights = 0
    return share.endswith("$") and not share.endswith("ipc$") and bool(rights & _WRITES)


def _moment(event: Event) -> float:
    time: datetime | None = event.time
    return time.timestamp() if time else float("inf")
