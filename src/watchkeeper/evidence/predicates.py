"""Predicates: the table predicate -> kind of event -> role -> place. Owns the table alone; reading events stands in `roles.py`.

A kind of event is a log's, as `roles.origin` names it, or one of the schema's: a class alone, with an activity ("File System Activity,
Create") or with an outcome ("Authentication, failed"). A place is a native field, or attributes of the schema of which the first that the
event has counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

Shape = Mapping[str, str]
"""Role to place."""

ATTRIBUTE = "attribute:"
"""How a place begins that is an attribute of the schema, not a native field; alternatives stand behind `|`, best first."""


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
        "auditd": {**_SYSCALL, "command": "proctitle"},
        "auditd SYSCALL": {**_SYSCALL, "command": "proctitle"},
        "auditd AUOMS_EXECVE": {**_SYSCALL, "command": "cmdline"},
    },
    "process.ran.plain": {
        "sysmon 1": _CHILD,
        "security 4688": {"image": "NewProcessName", "pid": "NewProcessId"},
        **dict.fromkeys(("auditd", "auditd SYSCALL", "auditd AUOMS_EXECVE"), _SYSCALL),
    },
    "process.children": {
        "sysmon 1": {"image": "Image", "parent": "ParentImage"},
        "security 4688": {"image": "NewProcessName", "parent": "ParentProcessName"},
    },
    "process.called": {"auditd EXECVE": {"command": "attribute:process.cmd_line"}, "auditd PROCTITLE": {"command": "proctitle"}},
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
        "security 5156": {"image": "Application", "address": "SourceAddress", "port": "DestPort"},
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
    "intrusion.alerted": {"suricata alert": {"title": "alert.signature", "source": "src_ip", "address": "dest_ip"}},
    "event.recorded": {ANY: {"channel": "Channel", "number": "EventID"}},
    "alert.raised": {"alerts": {"title": "signal.title", "detector": "signal.detector"}},
}


def _seen(**paths: str) -> Shape:
    return {role: f"{ATTRIBUTE}{path}" for role, path in paths.items()}


WHO = "actor.user.email_addr|actor.user.name|user.email_addr|user.name|actor.user.uid|actor.app_name|actor.app_uid"
"""Who acted, by the name that people know best."""
ACCOUNT = "user.email_addr|user.name|user.uid|user.full_name"
"""Who was acted on or signed on."""
SERVER = "dst_endpoint.hostname|service.name|dst_endpoint.svc_name|device.hostname|metadata.product.name"
OPERATION = "api.operation|metadata.event_code|activity_name"
SENDER, RECIPIENT = "email.from|email.smtp_from", "email.to|email.smtp_to|email.mailbox"
URL = "http_request.url.url_string|http_request.url.path|url.url_string"
IMAGE, ACTING = "process.file.path|process.file.name", "actor.process.file.path|actor.process.file.name"
FILE, RESOURCE = "file.path|file.name", "resources.name|resources.uid|entity.name|file.path|file.name|group.name"
CALLS = (
    "API Activity", "Entity Management", "Account Change", "User Access Management", "Group Management", "File Hosting Activity",
    "Datastore Activity", "Application Lifecycle",
)  # fmt: skip
"""Classes of what an identity called in a service."""
TRAFFIC = ("Network Activity", "SSH Activity", "RDP Activity", "SMB Activity", "FTP Activity", "Tunnel Activity")
"""Classes of what one address sent another."""
_SIGNED = _seen(user=ACCOUNT, address="src_endpoint.ip", service=SERVER)
_SIGNED_HERE = _seen(user=ACCOUNT, service=SERVER)
_SENT = _seen(source="src_endpoint.ip", address="dst_endpoint.ip", port="dst_endpoint.port")
_SENT_PLAIN = _seen(source="src_endpoint.ip", address="dst_endpoint.ip")
_ASKED = _seen(address="src_endpoint.ip", method="http_request.http_method", url=URL)
_CALLED = _seen(user=WHO, action=OPERATION)
_WROTE, _WRITTEN = _seen(image=ACTING, file=FILE), ("Create", "Update", "Rename")


def _for(classes: tuple[str, ...], shape: Shape, *ends: str) -> dict[str, Shape]:
    return {f"{name}, {end}" if end else name: shape for name in classes for end in ends or ("",)}


_GENERAL: dict[str, dict[str, Shape]] = {
    "signon.from": {"Authentication, succeeded": _SIGNED},
    "signon.here": {"Authentication, succeeded": _SIGNED_HERE},
    "signon.failed.from": {"Authentication, failed": _SIGNED},
    "signon.failed": {"Authentication, failed": _SIGNED_HERE},
    "signon.seen.from": {"Authentication, unknown": _SIGNED},
    "account.assumed": {"Authentication, succeeded": _seen(user="actor.user.name", account="user.name")},
    "command.run": {"Process Activity, Launch": _seen(user="actor.user.name", account="process.user.name", command="process.cmd_line")},
    "process.launched": {"Process Activity, Launch": _seen(parent=ACTING, image=IMAGE, command="process.cmd_line")},
    "process.launched.plain": {"Process Activity, Launch": _seen(image=IMAGE)},
    "web.requested": {"HTTP Activity": {**_ASKED, **_seen(code="http_response.code")}},
    "web.requested.plain": {"HTTP Activity": _ASKED},
    "traffic.seen": _for(TRAFFIC, _SENT, "succeeded", "unknown"),
    "traffic.seen.plain": _for(TRAFFIC, _SENT_PLAIN, "succeeded", "unknown"),
    "traffic.refused": _for(TRAFFIC, _SENT, "failed"),
    "traffic.refused.plain": _for(TRAFFIC, _SENT_PLAIN, "failed"),
    "cloud.called": _for(CALLS, {**_CALLED, **_seen(address="src_endpoint.ip")}),
    "cloud.did": _for(CALLS, _CALLED),
    "resource.used": _for(CALLS, {**_CALLED, **_seen(resource=RESOURCE)}),
    "identity.changed": _for(("Account Change", "User Access Management"), {**_CALLED, **_seen(account=ACCOUNT)}),
    "member.added": {"Group Management, Add User": _seen(user=WHO, member=ACCOUNT, group="group.name")},
    "file.changed": _for(("File System Activity",), _WROTE, *_WRITTEN),
    "file.appeared": {"File System Activity, Create": _seen(file=FILE)},
    "file.vanished": {"File System Activity, Delete": _seen(file=FILE)},
    "file.removed": {"File System Activity, Delete": _WROTE},
    "mail.sent": {"Email Activity": _seen(sender=SENDER, recipient=RECIPIENT, subject="email.subject")},
    "mail.sent.plain": {"Email Activity": _seen(sender=SENDER, recipient=RECIPIENT)},
    "mail.linked": {"Email Activity": _seen(sender=SENDER, url="email.urls.url_string|url.url_string")},
    "user.seen.from": {"Base Event": _seen(user=f"{ACCOUNT}|{WHO}", address="src_endpoint.ip")},
    "client.seen": _for(("Base Event", "Authentication"), _seen(address="src_endpoint.ip", service=SERVER)),
    "cloud.called.by": _for(CALLS, _seen(address="src_endpoint.ip", action=OPERATION)),
    "finding.raised": {"Detection Finding": _seen(title="finding_info.title|message")},
}
_NETWORK["name.resolved"]["DNS Activity"] = _seen(source="src_endpoint.ip", domain="query.hostname")

TABLE: Mapping[str, Mapping[str, Shape]] = MappingProxyType(_PROCESS | _THINGS | _NETWORK | _PEOPLE | _GENERAL)
"""Predicate to kind of event to role to place."""

BY_CLASS: frozenset[str] = frozenset({*_GENERAL, "name.resolved"})
"""Predicates that events of a class of the schema can show."""

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
