"""What winlogbeat moves out of `winlog.event_data` into the Elastic Common Schema, under its Windows names again. Owns that mapping.

Source: Elastic Common Schema 8 field reference; the Sysmon and Security modules of winlogbeat.
"""

from collections.abc import Mapping

from watchkeeper.ingest.jsonstream import Json
from watchkeeper.ingest.windows_event import Fields, one, text

_SYSMON = {
    "process.executable": "Image",
    "process.command_line": "CommandLine",
    "process.working_directory": "CurrentDirectory",
    "process.pid": "ProcessId",
    "process.entity_id": "ProcessGuid",
    "process.pe.original_file_name": "OriginalFileName",
    "process.parent.executable": "ParentImage",
    "process.parent.command_line": "ParentCommandLine",
    "process.parent.pid": "ParentProcessId",
    "process.parent.entity_id": "ParentProcessGuid",
    "registry.path": "TargetObject",
    "registry.data.strings": "Details",
    "source.ip": "SourceIp",
    "source.port": "SourcePort",
    "source.domain": "SourceHostname",
    "destination.ip": "DestinationIp",
    "destination.port": "DestinationPort",
    "destination.domain": "DestinationHostname",
    "network.transport": "Protocol",
    "dns.question.name": "QueryName",
}
_SECURITY = {
    "process.executable": "NewProcessName",
    "process.command_line": "CommandLine",
    "process.parent.executable": "ParentProcessName",
    "source.ip": "IpAddress",
    "source.port": "IpPort",
}
_LOADS = frozenset({"6", "7"})
_HASHES = ("process.hash", "file.hash", "hash")
PATHS = frozenset((*_SYSMON, *_SECURITY, *_HASHES, "user.name", "user.domain", "file.path"))
"""Where an event's data may stand in a record, besides where Windows puts it."""


def from_ecs(record: Mapping[str, Json], fields: Fields) -> None:
    """Add what the event's own data lacks and the record holds under an ECS name."""
    sysmon = "Sysmon" in str(fields.get("Channel", ""))
    for path, name in (_SYSMON if sysmon else _SECURITY).items():
        if name not in fields and (found := text(at(record, path))) is not None:
            fields[name] = found
    if sysmon:
        _sysmon_only(record, fields)


def at(record: Mapping[str, Json], path: str) -> Json:
    """Give the value at a dotted path, whether the record nests it or has the dotted name itself; none if it is not there."""
    if path in record:
        return record[path]
    value: Json = dict(record)
    for part in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _sysmon_only(record: Mapping[str, Json], fields: Fields) -> None:
    if "User" not in fields and (name := text(at(record, "user.name"))) is not None:
        domain = text(at(record, "user.domain"))
        fields["User"] = f"{domain}\\{name}" if domain else name
    target = "ImageLoaded" if one(fields, "EventID") in _LOADS else "TargetFilename"
    if target not in fields and (path := text(at(record, "file.path"))) is not None:
        fields[target] = path
    if "Hashes" not in fields:
        _hashes(record, fields)


def _hashes(record: Mapping[str, Json], fields: Fields) -> None:
    for path in _HASHES:
        digests = at(record, path)
        if isinstance(digests, dict):
            fields["Hashes"] = ",".join(f"{kind.upper()}={digest.upper()}" for kind, digest in digests.items() if isinstance(digest, str))
            return
