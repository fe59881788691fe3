"""The JSON shapes of Windows events. Owns telling them apart and how each names the parts of one; native names are `windows_event`'s."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, cast

from watchkeeper.ingest.event_xml import event_fields
from watchkeeper.ingest.flatten import MAX_FIELDS, TOO_MANY_FIELDS, flatten
from watchkeeper.ingest.jsonstream import Json, Record, decode
from watchkeeper.ingest.reader import Skipped
from watchkeeper.ingest.timestamps import from_epoch, from_iso
from watchkeeper.ingest.windows_ecs import at, from_ecs
from watchkeeper.ingest.windows_event import Fields, data, flat, put, text
from watchkeeper.ingest.windows_wazuh import from_wazuh, wazuh_event

NO_EVENT = Skipped("JSON without a Windows event id")
_WINLOGBEAT = frozenset(("event_data", "winlog.event_id", "winlog.channel"))
_WRAPPERS = ("_source", "result", "Event")
SYSTEM_NAMES = {
    "EventId": "EventID",
    "event_id": "EventID",
    "EventCode": "EventID",
    "event.code": "EventID",
    "LogName": "Channel",
    "log_name": "Channel",
    "channel": "Channel",
    "EventLog": "Channel",
    "Hostname": "Computer",
    "ComputerName": "Computer",
    "computer_name": "Computer",
    "MachineName": "Computer",
    "SourceName": "Provider_Name",
    "EventSourceName": "Provider_Name",
    "provider_name": "Provider_Name",
    "source_name": "Provider_Name",
    "Provider": "Provider_Name",
    "ProviderName": "Provider_Name",
    "ProviderGuid": "Provider_Guid",
    "provider_guid": "Provider_Guid",
    "RecordNumber": "EventRecordID",
    "RecordId": "EventRecordID",
    "record_id": "EventRecordID",
    "ExecutionProcessID": "Execution_ProcessID",
    "message": "Message",
    "RenderedDescription": "Message",
    "Id": "EventID",
}
_RANK = {name: rank for rank, name in enumerate(SYSTEM_NAMES)}
UTC_TIMES = ("@timestamp", "TimeCreated", "TimeGenerated", "SystemTime", "EventTime", "Timestamp", "EventReceivedTime")
LOCAL_TIMES = ("EventTime", "TimeCreated", "@timestamp", "TimeGenerated")
_SENTINEL_DATA = ("EventData", "EventData_string", "EventData_dynamic", "UserData", "ParameterXml")
_SENTINEL_SUFFIX = re.compile(r"_(?:string|dynamic|s|d|g|b)$")
_XML_DATA = re.compile(r"<(EventData|UserData)\b.*?</\1>", re.DOTALL)
_MESSAGE_FIELD = re.compile(r"^([A-Z]\w+): ?([^\r\n]*)", re.MULTILINE)
NXLOG_TYPES = frozenset({"INFO", "WARNING", "ERROR", "CRITICAL", "VERBOSE", "AUDIT_SUCCESS", "AUDIT_FAILURE"})
SYSMON = "Microsoft-Windows-Sysmon"
_CHANNELS = {
    SYSMON: "Microsoft-Windows-Sysmon/Operational",
    "Microsoft-Windows-Security-Auditing": "Security",
    "Microsoft-Windows-PowerShell": "Microsoft-Windows-PowerShell/Operational",
    "PowerShell": "Windows PowerShell",
    "Service Control Manager": "System",
    "Microsoft-Windows-Windows Defender": "Microsoft-Windows-Windows Defender/Operational",
}
"""Where a provider writes, for exports that leave the channel out."""
BARE = frozenset(
    (
        *(
            "EventID",
            "Channel",
            "Computer",
            "Provider_Name",
            "Provider_Guid",
            "EventRecordID",
            "Execution_ProcessID",
            "ThreadID",
            "Version",
            "Level",
        ),
        *(
            "Task",
            "Opcode",
            "OpcodeValue",
            "Keywords",
            "Category",
            "Severity",
            "SeverityValue",
            "EventType",
            "Message",
            "UserID",
            "AccountName",
        ),
        *(
            "AccountType",
            "Domain",
            "ActivityID",
            "EventTime",
            "EventReceivedTime",
            "TimeCreated",
            "@timestamp",
            "@version",
            "SourceModuleName",
        ),
        *("SourceModuleType", "host", "port", "tags", "type"),
    )
)
"""Names that say something about an event, not in it; an event with no others has told everything in its message."""


class Shaped(NamedTuple):
    """An event with native names, and its time."""

    fields: Fields
    time: datetime | None
    """UTC as far as the record says; none if it does not."""
    local: datetime | None
    """The clock reading that may stand in local time, whatever it claims; none where the format guarantees UTC."""


def shaped(record: Mapping[str, Json]) -> Shaped | Skipped:
    """Give the event a record holds, in whichever shape: raw System and EventData, winlogbeat, Wazuh, Sentinel's export, or flat."""
    try:
        found = _shape(_unwrapped(record))
    except ValueError:  # `flatten` refuses it
        return TOO_MANY_FIELDS
    if len(found.fields) > MAX_FIELDS:
        return TOO_MANY_FIELDS
    return found if "EventID" in found.fields else NO_EVENT


def _unwrapped(record: Mapping[str, Json]) -> Mapping[str, Json]:
    for wrapper in _WRAPPERS:
        inner = record.get(wrapper)
        if isinstance(inner, dict) and (wrapper != "Event" or "System" in inner):
            record = inner
    return record


def _shape(record: Mapping[str, Json]) -> Shaped:
    if isinstance(record.get("System"), dict):
        fields = flat(record)
        return Shaped(fields, _time(fields, ("TimeCreated_SystemTime",)) or _time(_texts(record), UTC_TIMES), None)
    wazuh = wazuh_event(record)
    if wazuh is not None:
        fields = from_wazuh(wazuh)
        return Shaped(fields, _time(fields, ("TimeCreated_SystemTime",)) or _time(_texts(record), ("timestamp",)), None)
    if isinstance(record.get("winlog"), dict) or not _WINLOGBEAT.isdisjoint(record):
        return _winlogbeat(record)
    return _flat(record)


def _winlogbeat(record: Mapping[str, Json]) -> Shaped:
    inner = record.get("winlog")
    winlog = inner if isinstance(inner, dict) else {name.removeprefix("winlog."): value for name, value in record.items()}
    fields = _texts({name: value for name, value in winlog.items() if not isinstance(value, dict)})
    for name in [name for name in fields if name.startswith(("event_data.", "user_data."))]:
        put(fields, name.partition(".")[2], fields.pop(name))
    _rename(fields)
    code, message = text(at(record, "event.code")), text(record.get("message"))
    if code is not None:
        fields.setdefault("EventID", code)
    if message is not None:
        fields.setdefault("Message", message)
    for part in ("user_data", "event_data"):
        values = winlog.get(part)
        if isinstance(values, dict):
            data(_unnumbered(values), fields)
    from_ecs(record, fields)
    _from_message(fields)
    return Shaped(fields, _time(_texts(record), UTC_TIMES), None)


def _unnumbered(values: dict[str, Json]) -> dict[str, Json]:
    """Winlogbeat calls unnamed data param1, param2 and so on; Windows calls each of them Data."""
    unnamed = [value for name, value in values.items() if name.startswith("param") and name[5:].isdigit()]
    return {**values, "Data": unnamed} if unnamed and "Data" not in values else values


def _flat(record: Mapping[str, Json]) -> Shaped:
    fields = _texts(record)
    if "TimeGenerated" in record:
        _sentinel(record, fields)
    _rename(fields)
    if "Channel" not in fields and (channel := _CHANNELS.get(str(fields.get("Provider_Name")))):
        fields["Channel"] = channel
    time, local = _time(fields, UTC_TIMES), _time(fields, LOCAL_TIMES)
    if "SourceModuleType" in fields:
        _nxlog(fields)
    _from_message(fields)
    if "Message" in fields and fields.keys() <= BARE:
        fields["Data"] = fields["Message"]
    return Shaped(fields, time, local)


def _nxlog(fields: Fields) -> None:
    """Take out what nxlog adds under names of its own that Windows uses for something else."""
    fields.pop("EventTypeOrignal", None)
    if fields.get("EventType") in NXLOG_TYPES:
        del fields["EventType"]
    if fields.get("Provider_Name") == SYSMON and "ProcessID" in fields and "Execution_ProcessID" not in fields:
        fields["Execution_ProcessID"] = fields.pop("ProcessID")


def _from_message(fields: Fields) -> None:
    """Give a Sysmon event the fields that only its rendered message has kept, which lists every one as `Name: value`."""
    message = fields.get("Message")
    if fields.get("Provider_Name") != SYSMON or not isinstance(message, str):
        return
    if ("ProcessId" in fields or "\nProcessId: " not in message) and ("EventType" in fields or "\nEventType: " not in message):
        return
    for name, value in _MESSAGE_FIELD.findall(message):
        fields.setdefault(name, value)


def _sentinel(record: Mapping[str, Json], fields: Fields) -> None:
    """Take off the type that Log Analytics puts behind a name, and open the event's data, which it keeps as XML or JSON text."""
    if "EventLog" in fields and "Source" in fields:
        fields.setdefault("Provider_Name", fields.pop("Source"))
    for name in [name for name in fields if name not in _SENTINEL_DATA and _SENTINEL_SUFFIX.search(name)]:
        fields.setdefault(_SENTINEL_SUFFIX.sub("", name), fields.pop(name))
    for name in _SENTINEL_DATA:
        written, nested = fields.pop(name, ""), record.get(name)
        if isinstance(nested, dict):
            data(nested, fields)
        elif isinstance(written, str) and written:
            _parsed(written, fields)


def _parsed(written: str, fields: Fields) -> None:
    if written[:1] in "{[":
        found = decode(b'{"Data":%s}' % written.encode(errors="replace"))
        if isinstance(found, Record):
            inner = found.value["Data"]
            data(inner if isinstance(inner, dict) else found.value, fields)
            return
    part = _XML_DATA.search(written)
    if part is None:
        fields.setdefault("Data", written)
        return
    try:
        for name, value in event_fields(f"<Event>{part[0]}</Event>").items():
            put(fields, name, value)
    except ValueError:
        fields.setdefault("Data", written)


def _texts(record: Mapping[str, Json]) -> Fields:
    fields = cast("Fields", dict(record))  # nearly all values are text already: copy, then mend the others
    for name, value in record.items():
        if value.__class__ is str:
            continue
        if value.__class__ is int:
            fields[name] = str(value)
        elif isinstance(value, dict):
            del fields[name]
            fields.update(flatten({name: value}))
        elif (found := text(value)) is not None:
            fields[name] = found
        else:
            del fields[name]
    return fields


def _rename(fields: Fields) -> None:
    for name in sorted(fields.keys() & SYSTEM_NAMES.keys(), key=_RANK.__getitem__):
        if SYSTEM_NAMES[name] not in fields:
            fields[SYSTEM_NAMES[name]] = fields.pop(name)


def _time(fields: Fields, names: tuple[str, ...]) -> datetime | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and (time := _moment(value)) is not None:
            return time
    return None


@lru_cache(maxsize=256)
def _moment(written: str) -> datetime | None:
    """Read ISO 8601, or `/Date(1600000000000)/`, milliseconds since 1970, as PowerShell writes times into JSON."""
    if written.startswith("/Date("):
        return from_epoch(written[6:].partition(")")[0], per_second=1_000)
    return from_iso(written)
