"""The JSON shapes of Windows events. Owns telling them apart and their names for what System and EventData hold; the target names are `windows_event`'s."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from watchkeeper.ingest.jsonstream import Json
from watchkeeper.ingest.reader import Skipped
from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.ingest.windows_event import Fields, flat, text

NO_EVENT = Skipped("no Windows event in it")
_FLAT_NAMES = {
    "EventId": "EventID",
    "event_id": "EventID",
    "EventCode": "EventID",
    "LogName": "Channel",
    "log_name": "Channel",
    "EventLog": "Channel",
    "Hostname": "Computer",
    "ComputerName": "Computer",
    "computer_name": "Computer",
    "host": "Computer",
    "SourceName": "Provider_Name",
    "EventSourceName": "Provider_Name",
    "Provider": "Provider_Name",
    "source_name": "Provider_Name",
    "ProviderName": "Provider_Name",
    "ProviderGuid": "Provider_Guid",
    "RecordNumber": "EventRecordID",
    "RecordId": "EventRecordID",
    "ExecutionProcessID": "Execution_ProcessID",
}
_TIMES = ("@timestamp", "TimeCreated", "TimeGenerated", "EventTime", "SystemTime", "EventReceivedTime")


class Shaped(NamedTuple):
    """An event with native names, and the time written on it."""

    fields: Fields
    written: datetime | None


def shaped(record: Mapping[str, Json]) -> Shaped | Skipped:
    """Give the event a record holds."""
    inner = record.get("Event", record)
    if isinstance(inner, dict) and isinstance(inner.get("System"), dict):
        fields = flat(inner)
        return Shaped(fields, _time(fields, ("TimeCreated_SystemTime",)))
    return _flat(record)


def _flat(record: Mapping[str, Json]) -> Shaped | Skipped:
    fields: Fields = {}
    for name, value in record.items():
        if isinstance(value, str):
            fields[name] = value
        elif (found := text(value)) is not None:
            fields[name] = found
    for name, native in _FLAT_NAMES.items():
        if name in fields and native not in fields:
            fields[native] = fields.pop(name)
    return Shaped(fields, _time(fields, _TIMES)) if "EventID" in fields else NO_EVENT


def _time(fields: Fields, names: tuple[str, ...]) -> datetime | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and (time := from_iso(value)) is not None:
            return time
    return None
