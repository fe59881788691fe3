"""Predicates: the table predicate -> kind of event -> role -> native field. Owns the table alone; reading events stands in `roles.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Shape = Mapping[str, str]
"""Role to native field."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a field must hold, or must not, for the event to show the predicate and not its opposite."""

    field: str
    values: frozenset[str]
    """In lower case."""
    is_held: bool = True


ANY = "*"
"""Kind that stands for every kind not named beside it."""

_CHILD = {"image": "Image", "pid": "ProcessId"}
_FILE = {"image": "Image", "file": "TargetFilename"}
_FOLDER = {"image": "Image", "folder": "TargetFilename"}
_ENDING = {"image": "Image", "ending": "TargetFilename"}
_ROOT = {"image": "Image", "root": "TargetObject"}
_THREAT = {"threat": "Threat Name", "path": "Path"}
_KEY = {"image": "Image", "key": "TargetObject"}
_PIPE = {"image": "Image", "pipe": "PipeName"}
_SPOT = {"image": "Image", "address": "DestinationIp", "port": "DestinationPort"}
_WFP = {"image": "Application", "address": "DestAddress", "port": "DestPort"}
_LOGON = {"user": "TargetUserName", "type": "LogonType"}
_REMOTE = {**_LOGON, "address": "IpAddress"}
_ON = {"user": "SubjectUserName"}
_FLOW = {"source": "id.orig_h", "address": "id.resp_h", "port": "id.resp_p"}
_MEMBER = {"member": "MemberName", "group": "TargetUserName", **_ON}
_SID = {"member": "MemberSid", "group": "TargetUserName", **_ON}
_TRAIL = {"user": "userIdentity.arn", "action": "eventName"}
_OFFICE = {"user": "UserId", "action": "Operation"}
_SYSCALL = {"image": "exe", "pid": "pid"}

_PROCESS: dict[str, dict[str, Shape]] = {
    "process.started": {
        "sysmon 1": {**_CHILD, "command": "CommandLine", "parent": "ParentImage"},
        "security 4688": {"image": "NewProcessName", "pid": "NewProcessId", "command": "CommandLine", "parent": "ParentProcessName"},
    },
    "process.started.plain": {
        "sysmon 1": {**_CHILD, "parent": "ParentImage"},
        "security 4688": {"image": "NewProcessName", "pid": "NewProcessId", "parent": "ParentProcessName"},
    },
    "process.ran": {
        "sysmon 1": {**_CHILD, "command": "CommandLine"},
        "security 4688": {"image": "NewProcessName", "pid": "NewProcessId", "command": "CommandLine"},
        "auditd SYSCALL": {**_SYSCALL, "command": "proctitle"},
    },
    "process.ran.plain": {
        "sysmon 1": _CHILD,
        "security 4688": {"image": "NewProcessName", "pid": "NewProcessId"},
        "auditd SYSCALL": _SYSCALL,
    },
    "process.children": {
        "sysmon 1": {"image": "Image", "parent": "ParentImage"},
        "security 4688": {"image": "NewProcessName", "parent": "ParentProcessName"},
    },
    "process.called": {"auditd EXECVE": {"command": "a0"}, "auditd PROCTITLE": {"command": "proctitle"}},
    "process.opened": {
        "sysmon 10": {"image": "SourceImage", "target": "TargetImage", "access": "GrantedAccess"},
        "security 4656": {"image": "ProcessName", "target": "ObjectName", "access": "AccessMask"},
        "security 4663": {"image": "ProcessName", "target": "ObjectName", "access": "AccessMask"},
    },
    "process.injected": {"sysmon 8": {"image": "SourceImage", "target": "TargetImage"}},
    "process.tampered": {"sysmon 25": {"image": "Image", "how": "Type"}},
    "script.ran": {"powershell 4104": {"script": "ScriptBlockText"}},
    "script.called": {"powershell 4103": {"script": "Payload"}},
    "powershell.started": {"powershell-classic 400": {"command": "HostApplication"}},
}
_THINGS: dict[str, dict[str, Shape]] = {
    "file.written": {"sysmon 11": _FILE, "sysmon 29": _FILE},
    "library.loaded": {"sysmon 7": {"image": "Image", "file": "ImageLoaded"}},
    "files.written": {"sysmon 11": _FOLDER, "sysmon 15": _FOLDER, "sysmon 29": _FOLDER},
    "file.marked": {"sysmon 15": {**_FILE, "mark": "Contents"}},
    "file.streamed": {"sysmon 15": _FILE},
    "file.deleted": {"sysmon 23": _FILE, "sysmon 26": _FILE},
    "files.deleted": {"sysmon 23": _FOLDER, "sysmon 26": _FOLDER},
    "files.written.ending": {"sysmon 11": _ENDING, "sysmon 29": _ENDING},
    "files.deleted.ending": {"sysmon 23": _ENDING, "sysmon 26": _ENDING},
    "registry.set": {"sysmon 13": {**_KEY, "value": "Details"}},
    "registry.changed": {"sysmon 12": _KEY, "sysmon 14": _KEY},
    "registry.entries": {"sysmon 12": _ROOT, "sysmon 13": _ROOT},
    "pipe.created": {"sysmon 17": _PIPE},
    "pipe.opened": {"sysmon 18": _PIPE},
    "service.installed": {
        "system 7045": {"service": "ServiceName", "command": "ImagePath"},
        "security 4697": {"service": "ServiceName", "command": "ServiceFileName"},
    },
    "task.created": {"security 4698": {**_ON, "task": "TaskName"}},
    "task.changed": {"security 4702": {**_ON, "task": "TaskName"}},
    "account.created": {"security 4720": {**_ON, "account": "TargetUserName"}},
    "account.changed": {"security 4738": {**_ON, "account": "TargetUserName"}},
    "group.joined": {"security 4728": _MEMBER, "security 4732": _MEMBER},
    "group.joined.sid": {"security 4728": _SID, "security 4732": _SID},
    "log.cleared": {"security 1102": _ON, "system 104": {**_ON, "channel": "Channel"}},
    "object.used": {
        "security 4662": {**_ON, "object": "ObjectName"},
        "security 4663": {**_ON, "object": "ObjectName"},
        "security 4656": {**_ON, "object": "ObjectName"},
    },
    "malware.found": {
        "defender 1116": _THREAT,
        "defender 1117": _THREAT,
    },
    "wmi.bound": {
        "sysmon 19": {"user": "User", "name": "Name"},
        "sysmon 20": {"user": "User", "name": "Name"},
        "sysmon 21": {"user": "User", "name": "Consumer"},
    },
}
_NETWORK: dict[str, dict[str, Shape]] = {
    "network.connected": {"sysmon 3": _SPOT, "security 5156": _WFP},
    "network.accepted": {
        "sysmon 3": {"image": "Image", "address": "SourceIp", "port": "DestinationPort"},
        "security 5156": {"image": "Application", "address": "DestAddress", "port": "SourcePort"},
    },
    "name.asked": {"sysmon 22": {"image": "Image", "domain": "QueryName"}},
    "flow.seen": {"zeek conn": _FLOW},
    "web.asked": {"zeek http": {"source": "id.orig_h", "address": "id.resp_h", "domain": "host", "path": "uri"}},
    "tls.named": {"zeek ssl": {"source": "id.orig_h", "address": "id.resp_h", "domain": "server_name"}},
    "name.resolved": {"zeek dns": {"source": "id.orig_h", "domain": "query"}},
}
_PEOPLE: dict[str, dict[str, Shape]] = {
    "logon.from": {"security 4624": _REMOTE},
    "logon.here": {"security 4624": _LOGON},
    "logon.failed.from": {"security 4625": _REMOTE, "security 4776": {"user": "TargetUserName", "address": "Workstation"}},
    "logon.failed": {"security 4625": _LOGON},
    "logon.as": {"security 4648": {**_ON, "account": "TargetUserName", "server": "TargetServerName"}},
    "logon.privileged": {"security 4672": _ON},
    "ticket.asked": {
        "security 4768": {"user": "TargetUserName", "service": "ServiceName", "address": "IpAddress"},
        "security 4769": {"user": "TargetUserName", "service": "ServiceName", "address": "IpAddress"},
    },
    "share.used": {"security 5140": {**_ON, "share": "ShareName", "address": "IpAddress"}},
    "share.file": {"security 5145": {**_ON, "share": "ShareName", "file": "RelativeTargetName", "address": "IpAddress"}},
    "cloud.called": {
        "cloudtrail": {**_TRAIL, "address": "sourceIPAddress"},
        "audit": {**_OFFICE, "address": "ClientIP"},
    },
    "cloud.did": {"cloudtrail": _TRAIL, "audit": _OFFICE},
    "intrusion.alerted": {"suricata alert": {"title": "alert.signature", "source": "src_ip", "address": "dest_ip"}},
    "event.recorded": {ANY: {"channel": "Channel", "number": "EventID"}},
    "alert.raised": {"alerts": {"title": "signal.title", "detector": "signal.detector"}},
}

TABLE: Mapping[str, Mapping[str, Shape]] = MappingProxyType(_PROCESS | _THINGS | _NETWORK | _PEOPLE)
"""Predicate to kind of event (as `roles.origin` names it) to role to native field."""

COUNTED: Mapping[str, str] = MappingProxyType({
    "files.written": "folder", "files.deleted": "folder", "registry.entries": "root", "files.written.ending": "ending",
    "files.deleted.ending": "ending",
})  # fmt: skip
"""Predicates that count distinct values of one role's field; any other with the suffix `.many` counts the events cited."""

SPREAD = frozenset({"files.written.ending", "files.deleted.ending"})
"""Predicates that also count the different folders of what they count."""

MANY = ".many"
"""Suffix of a predicate that says the same of several events and how many they are."""

_INBOUND = frozenset({"%%14592", "inbound"})
_ONE_PROCESS = Condition("ObjectType", frozenset({"process"}))
_SUCCEEDED = Condition("Keywords", frozenset({"0x8010000000000000", "-9218868437227405312", "audit failure"}), is_held=False)
_AUDITED = ("logon.failed", "ticket.asked", "event.recorded")
"""Predicates that hold of what Windows refused, too."""
_OPPOSITES: Mapping[tuple[str, str], tuple[Condition, ...]] = {
    ("network.connected", "sysmon 3"): (Condition("Initiated", frozenset({"false"}), is_held=False),),
    ("network.connected", "security 5156"): (Condition("Direction", _INBOUND, is_held=False),),
    ("network.accepted", "sysmon 3"): (Condition("Initiated", frozenset({"false"})),),
    ("network.accepted", "security 5156"): (Condition("Direction", _INBOUND),),
    ("process.opened", "security 4656"): (_ONE_PROCESS, _SUCCEEDED),
    ("process.opened", "security 4663"): (_ONE_PROCESS, _SUCCEEDED),
    ("logon.failed.from", "security 4776"): (Condition("Status", frozenset({"0x0", "0", "0x00000000"}), is_held=False),),
}
CONDITIONS: Mapping[tuple[str, str], tuple[Condition, ...]] = MappingProxyType(
    {
        (predicate, kind): (_SUCCEEDED,)
        for predicate, shapes in TABLE.items()
        for kind in shapes
        if kind.startswith("security ") and not predicate.startswith(_AUDITED)
    }
    | dict(_OPPOSITES)
)
"""Predicate and kind of event to what must hold besides: of two events of one kind, one may show the opposite of the other."""
