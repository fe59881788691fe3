"""A record as the `evtx` parser writes nearly all of them, straight to native fields. Owns that shape; its meaning is `windows_event`'s.

Whatever is otherwise in any way is left to `windows_shapes`, which reads it the long way round: both give the same fields.
"""

from datetime import datetime
from typing import Any, NamedTuple, cast

import msgspec
from msgspec import UNSET, Struct, UnsetType

from watchkeeper.ingest.flatten import MAX_FIELDS
from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.ingest.windows_event import Fields, data

_Number = int | str
"""The parser writes what it knows to be a number as one, and as text what a template leaves open."""


class _Shape(Struct, gc=False, forbid_unknown_fields=True):
    """What must have no parts beyond those named."""


class _Provider(_Shape):
    name: str | UnsetType = msgspec.field(name="Name", default=UNSET)
    guid: str | UnsetType = msgspec.field(name="Guid", default=UNSET)
    source: str | UnsetType = msgspec.field(name="EventSourceName", default=UNSET)


class _Created(_Shape):
    at: str = msgspec.field(name="SystemTime")


class _Correlation(_Shape):
    activity: str | UnsetType = msgspec.field(name="ActivityID", default=UNSET)


class _Execution(_Shape):
    process: _Number | UnsetType = msgspec.field(name="ProcessID", default=UNSET)
    thread: _Number | UnsetType = msgspec.field(name="ThreadID", default=UNSET)


class _Security(_Shape):
    user: str | UnsetType = msgspec.field(name="UserID", default=UNSET)


class _Qualifiers(_Shape):
    value: _Number = msgspec.field(name="Qualifiers")


class _Qualified(_Shape):
    """An event id as logs of the old API have it."""

    number: _Number = msgspec.field(name="#text")
    of: _Qualifiers = msgspec.field(name="#attributes")


class _ByProvider(_Shape):
    of: _Provider = msgspec.field(name="#attributes")


class _ByCreated(_Shape):
    of: _Created = msgspec.field(name="#attributes")


class _ByCorrelation(_Shape):
    of: _Correlation = msgspec.field(name="#attributes")


class _ByExecution(_Shape):
    of: _Execution = msgspec.field(name="#attributes")


class _BySecurity(_Shape):
    of: _Security = msgspec.field(name="#attributes")


class _System(_Shape):
    provider: _ByProvider = msgspec.field(name="Provider")
    event_id: _Number | _Qualified = msgspec.field(name="EventID")
    created: _ByCreated = msgspec.field(name="TimeCreated")
    record: _Number = msgspec.field(name="EventRecordID")
    channel: str = msgspec.field(name="Channel")
    computer: str = msgspec.field(name="Computer")
    version: _Number | UnsetType = msgspec.field(name="Version", default=UNSET)
    level: _Number | UnsetType = msgspec.field(name="Level", default=UNSET)
    task: _Number | UnsetType = msgspec.field(name="Task", default=UNSET)
    opcode: _Number | UnsetType = msgspec.field(name="Opcode", default=UNSET)
    keywords: str | UnsetType = msgspec.field(name="Keywords", default=UNSET)
    correlation: _ByCorrelation | None = msgspec.field(name="Correlation", default=None)
    execution: _ByExecution | None = msgspec.field(name="Execution", default=None)
    security: _BySecurity | None = msgspec.field(name="Security", default=None)


class _Event(_Shape):
    attributes: msgspec.Raw = msgspec.field(name="#attributes")
    system: _System = msgspec.field(name="System")
    event_data: dict[str, Any] | None = msgspec.field(name="EventData", default=None)
    user_data: dict[str, Any] | None = msgspec.field(name="UserData", default=None)


class _Record(_Shape):
    event: _Event = msgspec.field(name="Event")


class Straight(NamedTuple):
    """An event with native names."""

    fields: Fields
    time: datetime
    channel: str
    event_id: str
    computer: str


_decode = msgspec.json.Decoder(_Record, float_hook=str).decode
_NO_CORRELATION, _NO_EXECUTION, _NO_SECURITY = _ByCorrelation(_Correlation()), _ByExecution(_Execution()), _BySecurity(_Security())


def straight(raw: str) -> Straight | None:
    """Give the event of a record; none if it is in any way another shape, or has no time that can be read."""
    try:
        event = _decode(raw).event
    except (ValueError, RecursionError):
        return None
    fields = _system(event.system)
    for part in (event.event_data, event.user_data):
        if part is not None:
            data(part, fields)
    created = fields["TimeCreated_SystemTime"]
    time = from_iso(created) if isinstance(created, str) else None
    if time is None or len(fields) > MAX_FIELDS:
        return None
    return Straight(fields, time, event.system.channel, cast("str", fields["EventID"]), event.system.computer)


def _system(system: _System) -> Fields:
    provider, execution = system.provider.of, (system.execution or _NO_EXECUTION).of
    event_id, qualifiers = system.event_id, UNSET
    if isinstance(event_id, _Qualified):
        event_id, qualifiers = event_id.number, event_id.of.value
    found = {
        "Provider_Name": provider.name,
        "Provider_Guid": provider.guid,
        "Provider_EventSourceName": provider.source,
        "EventID": event_id,
        "EventID_Qualifiers": qualifiers,
        "Version": system.version,
        "Level": system.level,
        "Task": system.task,
        "Opcode": system.opcode,
        "Keywords": system.keywords,
        "TimeCreated_SystemTime": system.created.of.at,
        "EventRecordID": system.record,
        "Correlation_ActivityID": (system.correlation or _NO_CORRELATION).of.activity,
        "Execution_ProcessID": execution.process,
        "Execution_ThreadID": execution.thread,
        "Channel": system.channel,
        "Computer": system.computer,
        "Security_UserID": (system.security or _NO_SECURITY).of.user,
    }
    return {name: value if type(value) is str else str(value) for name, value in found.items() if value is not UNSET}
