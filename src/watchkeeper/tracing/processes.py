"""Processes: which process an event speaks of. Owns identity (host and GUID, or host, process id and start); edges stand in `families`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.evidence import origin
from watchkeeper.evidence.naming import number, tail
from watchkeeper.model.event import Event
from watchkeeper.tracing.audit import CALLS, Audit, executes
from watchkeeper.tracing.clock import security_offsets
from watchkeeper.tracing.fact import Thing, text

_SAME_START = timedelta(seconds=5)
NO_GUID = "{00000000-0000-0000-0000-000000000000}"
"""Stands in Sysmon's events where a process is not known."""


@dataclass(frozen=True, slots=True)
class Mention:
    """How an event names a process: the fields for GUID, process id and image."""

    guid: str
    pid: str
    image: str


ACTOR = Mention("ProcessGuid", "ProcessId", "Image")
PARENT = Mention("ParentProcessGuid", "ParentProcessId", "ParentImage")
SOURCE = Mention("SourceProcessGuid", "SourceProcessId", "SourceImage")
SOURCE_10 = Mention("SourceProcessGUID", "SourceProcessId", "SourceImage")
TARGET = Mention("TargetProcessGuid", "TargetProcessId", "TargetImage")
TARGET_10 = Mention("TargetProcessGUID", "TargetProcessId", "TargetImage")
NEW = Mention("", "NewProcessId", "NewProcessName")
CREATOR = Mention("", "ProcessId", "ParentProcessName")
OPENER = Mention("", "ProcessId", "ProcessName")
FILTERED = Mention("", "ProcessID", "Application")
WRITER = Mention("", "Execution_ProcessID", "")
"""The process that wrote the event itself, as script engines do."""
SYSCALL = Mention("", "pid", "exe")
SYSCALL_PARENT = Mention("", "ppid", "")

CREATIONS: Mapping[str, Mention] = {"sysmon 1": ACTOR, "security 4688": NEW, **dict.fromkeys(sorted(CALLS), SYSCALL)}
"""Kinds of events that may record a start, and how they name who was started; Sysmon first, because it is the fuller."""
PARENTS: Mapping[str, Mention] = {"sysmon 1": PARENT, "security 4688": CREATOR, **dict.fromkeys(CALLS, SYSCALL_PARENT)}
"""How these name who started it."""
ENDS: Mapping[str, Mention] = {"sysmon 5": ACTOR, "security 4689": OPENER}
"""Kinds of events that record an end."""


BY_GUID: Mapping[str, tuple[Mention, ...]] = {
    "sysmon 1": (PARENT,),
    "sysmon 3": (ACTOR,),
    "sysmon 8": (SOURCE, TARGET),
    "sysmon 10": (SOURCE_10, TARGET_10),
    "sysmon 11": (ACTOR,),
    "sysmon 13": (ACTOR,),
}
"""Kinds of events that name a process by GUID and id, which need not be the one that they record the start of."""


def begins(event: Event) -> bool:
    """Say whether an event records the start of a process."""
    kind = origin(event.logsource)
    return kind in CREATIONS and (kind not in CALLS or executes(event))


@dataclass(frozen=True, slots=True)
class _Start:
    thing: Thing
    image: str
    time: datetime | None


class Processes:
    """Every process whose start is in the record, and names for those whose start is not."""

    def __init__(self, events: Iterable[Event]) -> None:
        """Read the starts among the events, and who else their GUIDs name."""
        events = tuple(events)
        starts = [event for event in events if begins(event)]
        self.audit = Audit(events)
        self.offsets = security_offsets(starts)
        self.creations: dict[str, Event] = {}
        self._by_guid: dict[tuple[str, str], Thing] = {}
        self._by_pid: dict[tuple[str, int], list[_Start]] = defaultdict(list)
        order = list(CREATIONS)
        self._unborn: dict[tuple[str, int | None, str], Thing] = {}
        for event in sorted(starts, key=lambda event: order.index(origin(event.logsource))):
            self._start(event)
        for event in events:
            self._learn(event)
        self.ends: dict[str, Event] = {}
        """Process key to the event that records its end."""
        for event in events:
            mention = ENDS.get(origin(event.logsource))
            ended = self.named(event, mention) if mention else None
            if ended is not None:
                self.ends.setdefault(ended.key, event)

    def named(self, event: Event, mention: Mention) -> Thing | None:
        """Give the process an event names; one without a recorded start if need be, none if the event names none."""
        guid, pid, image = text(event, mention.guid), number(text(event, mention.pid)), text(event, mention.image)
        if guid and guid != NO_GUID:
            known = self._by_guid.get((event.host, guid.lower()))
            return known or _implied(event.host, guid.lower(), pid, image)
        if pid is None:
            return None
        known = self._running(event.host, pid, image, self.clock(event)) or self._unborn.get((event.host, pid, tail(image).lower()))
        return known or _implied(event.host, f"{pid}:{tail(image).lower()}", pid, image)

    def writer(self, event: Event, engine: str) -> Thing | None:
        """Give the process that wrote an event of a script engine; named after the engine if nothing else names it, none without a pid."""
        pid = number(text(event, WRITER.pid))
        if pid is None:
            return None
        unborn = (thing for (host, number_, _), thing in self._unborn.items() if (host, number_) == (event.host, pid))
        known = self._running(event.host, pid, "", self.clock(event)) or next(unborn, None)
        return known or Thing(f"process|{event.host}|{pid}:{engine}", "process", engine, event.host, {"pid": str(pid)})

    def only(self, host: str, image: str) -> Thing:
        """Give the one process of a host with that image whose start is not in the record (such as lsass.exe)."""
        alike = [thing for (at, _, name), thing in self._unborn.items() if at == host and name == tail(image).lower()]
        return alike[0] if alike else _implied(host, f"only:{tail(image).lower()}", None, image)

    def clock(self, event: Event) -> datetime | None:
        """Give an event's time by the clock of the host's process record."""
        offset = self.offsets.get(event.host)
        shifted = offset is not None and origin(event.logsource).startswith("security ")
        return event.time + offset if event.time and shifted and offset else event.time

    def _learn(self, event: Event) -> None:
        """Remember a process that a GUID names and whose start is not in the record, so that logs without GUIDs mean the same one."""
        for mention in BY_GUID.get(origin(event.logsource), ()):
            guid, image = text(event, mention.guid).lower(), text(event, mention.image)
            if guid and guid != NO_GUID and (event.host, guid) not in self._by_guid:
                pid = number(text(event, mention.pid))
                self._unborn.setdefault((event.host, pid, tail(image).lower()), _implied(event.host, guid, pid, image))

    def _start(self, event: Event) -> None:
        mention = CREATIONS[origin(event.logsource)]
        pid, image, time = number(text(event, mention.pid)), text(event, mention.image), self.clock(event)
        if pid is None:
            return
        twin = self._twin(event.host, pid, image, time)
        thing = twin or Thing(
            _key(event, mention, pid), "process", tail(image), event.host, _details(event, image, pid) | self._joined(event)
        )
        self.creations.setdefault(thing.key, event)
        guid = text(event, mention.guid).lower()
        if guid:
            self._by_guid[event.host, guid] = thing
        if twin is None:
            self._by_pid[event.host, pid].append(_Start(thing, tail(image).lower(), time))

    def _joined(self, event: Event) -> dict[str, str]:
        """Give what other records of the same audit event add to a process."""
        if origin(event.logsource) not in CALLS:
            return {}
        found = {
            "command": self.audit.command(event)[:500], "directory": self.audit.directory(event), "user": self.audit.person(event),
        }  # fmt: skip
        return {name: value for name, value in found.items() if value}

    def _twin(self, host: str, pid: int, image: str, time: datetime | None) -> Thing | None:
        """Find the same start recorded by another log."""
        for start in self._by_pid.get((host, pid), ()):
            near = start.time is None or time is None or abs(start.time - time) <= _SAME_START
            if near and start.image == tail(image).lower():
                return start.thing
        return None

    def _running(self, host: str, pid: int, image: str, time: datetime | None) -> Thing | None:
        """Find who had this id at that time: the last started before, of that image where one is named."""
        wanted = tail(image).lower()
        alike = [start for start in self._by_pid.get((host, pid), ()) if not wanted or start.image == wanted]
        before = [start for start in alike if start.time is None or time is None or start.time <= time + _SAME_START]
        if before:
            return max(before, key=lambda start: start.time.timestamp() if start.time else 0.0).thing
        return alike[0].thing if len(alike) == 1 and wanted else None


def _key(event: Event, mention: Mention, pid: int) -> str:
    identity = text(event, mention.guid).lower() or f"{pid}@{event.time.isoformat() if event.time else event.id}"
    return f"process|{event.host}|{identity}"


def _details(event: Event, image: str, pid: int) -> dict[str, str]:
    found = {
        "image": image,
        "pid": str(pid),
        "command": text(event, "CommandLine", "proctitle")[:500],
        "user": text(event, "User", "TargetUserName", "SubjectUserName", "auid"),
        "hash": text(event, "Hashes", "SHA256"),
        "integrity": text(event, "IntegrityLevel"),
        "directory": text(event, "CurrentDirectory"),
    }
    return {name: value for name, value in found.items() if value}


def _implied(host: str, identity: str, pid: int | None, image: str) -> Thing:
    details = {name: value for name, value in (("image", image), ("pid", "" if pid is None else str(pid))) if value}
    label = tail(image) or (f"pid {pid}" if pid is not None else "?")
    return Thing(f"process|{host}|{identity}", "process" if image else "unknown", label, host, details)
