"""Lineage: the processes and sessions an attack runs in, on the hosts that were read. Owns who belongs; reading hosts is `extent`'s."""

import re
from collections.abc import Iterator, Set
from datetime import datetime, timedelta
from ipaddress import ip_address

from watchkeeper.evidence import origin
from watchkeeper.evidence.naming import short, tail
from watchkeeper.model.event import Event
from watchkeeper.tracing.accounts import person
from watchkeeper.tracing.alerted import Alerts
from watchkeeper.tracing.fact import Thing, address, named, text
from watchkeeper.tracing.hubs import is_everyday, is_hub
from watchkeeper.tracing.processes import (
    ACTOR,
    CREATIONS,
    FILTERED,
    NEW,
    OPENER,
    PARENTS,
    SOURCE,
    SOURCE_10,
    SYSCALL,
    TARGET,
    WRITER,
    Processes,
    begins,
)

_ACTORS = {
    "sysmon 8": SOURCE, "sysmon 10": SOURCE_10, "security 4688": NEW, "security 5156": FILTERED, "security 4648": OPENER,
    "security 4656": OPENER, "security 4663": OPENER, "powershell 4104": WRITER, "powershell 4103": WRITER,
}  # fmt: skip
_EVERYBODYS = frozenset({"", "0x0", "0x3e3", "0x3e4", "0x3e5", "0x3e7"})
"""Logon ids of nobody and of the system's own accounts."""
_REMOTELY = frozenset({"wmiprvse.exe", "wsmprovhost.exe", "winrshost.exe", "mmc.exe", "dllhost.exe"})
_ROUNDS = 6
_PERSONAL = re.compile(r"[a-z]:\\users\\[^\\\"]+\\[^\\\"]+\\[^\\\"*]+[^\"]*")
"""A path at least one folder below a person's documents, desktop or the like."""
_SERVED = (".aspx", ".ashx", ".asmx", ".asp", ".php", ".jsp", ".jspx", ".cfm")
_SOON = timedelta(seconds=120)


class Lineage:
    """Processes that belong whole (started by the attack), and what they did."""

    def __init__(
        self, events: tuple[Event, ...], alerted: Alerts, sessions: frozenset[tuple[str, str]], callers: frozenset[str] = frozenset()
    ) -> None:
        """Work out who belongs: what was signalled on and began with it, its children, and whatever runs in a session of the attack.

        `callers` are ids of connections to the attackers; who made them belongs too.
        """
        self._events = sorted(events, key=lambda event: event.time.timestamp() if event.time else 0.0)
        self._alerted = alerted
        self._sessions = sessions
        self._processes = Processes(events)
        self._services = {(event.host, text(event, "ServiceName").lower()): event for event in self._events if self._is_installed(event)}
        self._members: set[str] = set()
        self._servers: set[str] = set()
        self._staged: frozenset[tuple[str, str]] = frozenset()
        self._foreign: frozenset[tuple[str, str]] = frozenset()
        self._injected: dict[str, datetime] = {}
        starts = [event for event in self._events if begins(event)]
        threads = [event for event in self._events if origin(event.logsource) == "sysmon 8"]
        self._actors_of(alerted.keys() | callers)
        for _ in range(_ROUNDS):
            before = len(self._members) + len(self._injected)
            for event in starts:
                self._take_in(event)
            for event in reversed(starts):
                self._look_back(event)
            for event in threads:
                self._inject(event)
            if len(self._members) + len(self._injected) == before:
                break
        self._foreign = frozenset(self._foreign_images(starts))
        self._staged = frozenset(folder for event in starts for folder in self._staging(event))

    def events(self) -> Iterator[Event]:
        """Yield every event of a member, of a session of the attack, or that was signalled on."""
        yield from (event for event in self._events if event.id in self._alerted or self._belongs(event))

    def outward(self, host: str) -> Iterator[Event]:
        """Yield the connections members on a host opened."""
        yield from (event for event in self.connections() if event.host == host)

    def connections(self) -> Iterator[Event]:
        """Yield every connection of a member."""
        yield from (event for event in self._connected() if self._acts(event))

    def _connected(self) -> Iterator[Event]:
        yield from (event for event in self._events if origin(event.logsource) in {"sysmon 3", "security 5156"})

    def domains(self) -> set[str]:
        """Give the names that members asked for and nobody else on these hosts did."""
        asked = [(text(event, "QueryName").lower(), self._acts(event)) for event in self._events if origin(event.logsource) == "sysmon 22"]
        ours = {name for name, acts in asked if acts and not is_everyday(name)}
        return ours - {name for name, acts in asked if not acts}

    def pages(self) -> set[str]:
        """Give the names of files that a web server serves and that were written under a signal: who asks for them is the attacker."""
        written = [event for event in self._events if origin(event.logsource) == "sysmon 11"]
        ours = [event for event in written if event.id in self._alerted or self._serves(event)]
        return {name for event in ours if (name := tail(text(event, "TargetFilename")).lower()).endswith(_SERVED)}

    def _serves(self, event: Event) -> bool:
        """Say whether the actor is an ordinary program, such as a web server, that started a member under a signal."""
        actor = self._actor(event)
        return actor is not None and actor.key in self._servers

    def users(self, host: str) -> set[str]:
        """Give the accounts the attack used on a host: those its processes run as, and those whose passwords it used."""
        found: set[str] = set()
        for event in self._events:
            if event.host == host and origin(event.logsource) == "security 4648" and self._acts(event):
                found.add(text(event, "TargetUserName"))
            elif event.host == host and origin(event.logsource) == "sysmon 1" and self._acts(event):
                found.add(text(event, "User"))
        return {named(user) for user in found if person(user)}

    def since(self) -> dict[str, datetime]:
        """Give by host when the first member acted there."""
        found: dict[str, datetime] = {}
        for event in self._events:
            if event.time and event.host not in found and self._acts(event):
                found[event.host] = event.time
        return found

    def outside(self) -> set[str]:
        """Give the public addresses that members connected to and nothing else on these hosts did."""
        ends = [(address(text(event, "DestinationIp", "DestAddress")) or "", self._acts(event)) for event in self._connected()]
        ours = {end for end, acts in ends if acts and end and ip_address(end).is_global}
        return ours - {end for end, acts in ends if not acts}

    def _belongs(self, event: Event) -> bool:
        return self._acts(event) or self._in_session(event) or self._is_service(event) or self._is_staged(event)

    def _actor(self, event: Event) -> Thing | None:
        kind = origin(event.logsource)
        if kind.startswith("auditd"):
            call = self._processes.audit.call(event)
            return self._processes.named(call, SYSCALL) if call else None
        mention = _ACTORS.get(kind, ACTOR if kind.startswith("sysmon ") else None)
        return self._processes.named(event, mention) if mention else None

    def _acts(self, event: Event) -> bool:
        actor = self._actor(event)
        if actor is None:
            return False
        image = actor.details.get("image", "").lower()
        since = self._injected.get(actor.key)
        if since is not None and event.time is not None and event.time >= since:
            return True
        return actor.key in self._members or (origin(event.logsource) == "security 4648" and (event.host, image) in self._foreign)

    def _actors_of(self, ids: Set[str]) -> None:
        """Take in who acted in these events, if it is a program of its own: begun within what was read, or none of the system's."""
        for event in self._events:
            actor = self._actor(event) if event.id in ids and not begins(event) else None
            if actor is None or actor.kind != "process" or is_hub(actor):
                continue
            image = actor.details.get("image", "")
            if actor.key in self._processes.creations or (image and short(image) == image):
                self._members.add(actor.key)

    def _inject(self, event: Event) -> None:
        """Follow a thread started in another process, forwards, and backwards from one that was signalled on."""
        source, target = self._processes.named(event, SOURCE), self._processes.named(event, TARGET)
        if source is None or target is None or event.time is None:
            return
        if source.key in self._members:
            self._injected.setdefault(target.key, event.time)
        elif not is_hub(source) and (target.key in self._members or event.id in self._alerted):
            self._members.add(source.key)

    def _take_in(self, event: Event) -> None:
        """Take a started process in if it was signalled on, or its parent belongs, or it runs in a session or service of the attack."""
        started, parent = self._pair(event)
        if started is None or started.key in self._members:
            return
        ours = event.id in self._alerted or (parent is not None and self._begets(parent, event))
        if ours or self._in_session(event) or self._is_remote(event, parent):
            self._members.add(started.key)
        if event.id in self._alerted and parent is not None and not is_hub(parent):
            self._servers.add(parent.key)

    def _begets(self, parent: Thing, event: Event) -> bool:
        since = self._injected.get(parent.key)
        injected = since is not None and not is_hub(parent) and event.time is not None and event.time >= since
        return parent.key in self._members or injected

    def _look_back(self, event: Event) -> None:
        """Take in what started a member, if its own start is in the record and it is no everyday program."""
        started, parent = self._pair(event)
        if started is None or parent is None or started.key not in self._members:
            return
        if not is_hub(parent) and parent.key in self._processes.creations and parent.label.lower() not in _REMOTELY:
            self._members.add(parent.key)

    def _foreign_images(self, starts: list[Event]) -> Iterator[tuple[str, str]]:
        """Yield host and image of members that are no programs of the system: whatever has that image there is the attack's."""
        for event in starts:
            started, _ = self._pair(event)
            image = started.details.get("image", "") if started else ""
            if started and started.key in self._members and image and short(image) == image:
                yield event.host, image.lower()

    def _staging(self, event: Event) -> Iterator[tuple[str, str]]:
        """Yield host and folder of a person's own folders that a member was told to work on: packed, sent or removed."""
        started, _ = self._pair(event)
        if started is None or started.key not in self._members:
            return
        for path in _PERSONAL.findall(text(event, "CommandLine").lower()):
            folder = path.rstrip("\\*. ")
            if "\\appdata\\" not in folder and "." not in tail(folder):
                yield event.host, folder + "\\"

    def _is_staged(self, event: Event) -> bool:
        """Say whether a file was put into or taken out of such a folder, by whatever program."""
        if origin(event.logsource) not in {"sysmon 11", "sysmon 23", "sysmon 26"}:
            return False
        path = text(event, "TargetFilename").lower()
        return any(host == event.host and path.startswith(folder) for host, folder in self._staged)

    def _pair(self, event: Event) -> tuple[Thing | None, Thing | None]:
        kind = origin(event.logsource)
        return self._processes.named(event, CREATIONS[kind]), self._processes.named(event, PARENTS[kind])

    def _in_session(self, event: Event) -> bool:
        ids = {text(event, name).lower() for name in ("LogonId", "TargetLogonId", "SubjectLogonId")} - _EVERYBODYS
        return any((event.host, logon) in self._sessions for logon in ids)

    def _is_installed(self, event: Event) -> bool:
        return origin(event.logsource) in {"system 7045", "security 4697"} and (event.id in self._alerted or self._after_logon(event))

    def _after_logon(self, event: Event) -> bool:
        """Say whether a session of the attack on the host began shortly before."""
        return any(
            logon.host == event.host and logon.time and event.time and timedelta() <= event.time - logon.time <= _SOON
            for logon in self._events
            if origin(logon.logsource) == "security 4624" and (logon.host, text(logon, "TargetLogonId").lower()) in self._sessions
        )

    def _is_service(self, event: Event) -> bool:
        match origin(event.logsource):
            case "system 7045" | "security 4697":
                return (event.host, text(event, "ServiceName").lower()) in self._services
            case "system 7036":
                return (event.host, text(event, "param1").lower()) in self._services
            case "sysmon 12" | "sysmon 13":
                path = text(event, "TargetObject").lower()
                return any(host == event.host and f"\\services\\{name}\\" in path for host, name in self._services)
            case _:
                return False

    def _is_remote(self, event: Event, parent: Thing | None) -> bool:
        """Say whether the attack started it from another host: as its service, or by a remote broker right after its logon."""
        if parent is None:
            return False
        if parent.label.lower() == "services.exe":
            command = text(event, "CommandLine", "Image", "NewProcessName").lower()
            paths = (
                tail(text(service, "ImagePath", "ServiceFileName")).lower()
                for (host, _), service in self._services.items()
                if host == event.host
            )
            return any(path and path.strip('"') in command for path in paths)
        return parent.label.lower() in _REMOTELY and self._after_logon(event)
