"""Windows events as Wazuh's agents write them: names in lower camel case, values escaped once more. Owns giving Windows' own back.

Source: Wazuh documentation, "Windows event channel"; Windows event schema (System, EventData, UserData).
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from watchkeeper.ingest.jsonstream import Json
from watchkeeper.ingest.windows_event import Fields, put, text
from watchkeeper.model.batch import Value

_SYSTEM = {
    "providerName": "Provider_Name",
    "providerGuid": "Provider_Guid",
    "eventSourceName": "Provider_EventSourceName",
    "processID": "Execution_ProcessID",
    "threadID": "Execution_ThreadID",
    "systemTime": "TimeCreated_SystemTime",
}
_TRANSLATED = {"auditPolicyChanges": "auditPolicyChangesId"}
"""What Wazuh writes in words beside Windows' own value, which it renames."""
_ADDED = frozenset({"category", "subcategory"})
"""What Wazuh adds to events about audit policy."""
_ESCAPED = re.compile(r'\\([\\"])')
_SMALL = re.compile(r"param\d+")
_MAX_DEPTH = 12


def wazuh_event(record: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """Give the `win` member of a record, also within `data`, if it holds an event."""
    for holder in (record, record.get("data")):
        inner = holder.get("win") if isinstance(holder, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("system"), dict):
            return inner
    return None


def from_wazuh(event: Mapping[str, Json]) -> Fields:
    """Give the native fields of an event; what stands in `eventdata` and other parts never overwrites what says what the event is."""
    fields: Fields = {}
    system = event.get("system")
    for name, value in system.items() if isinstance(system, dict) else ():
        found = text(value)
        if found is not None:
            fields[_SYSTEM.get(name) or _native(name)] = _unquoted(found) if name == "message" else found
    for name, part in event.items():
        if name != "system" and isinstance(part, dict):
            _data(part, fields, 0)
    return fields


def _data(part: Mapping[str, Json], fields: Fields, depth: int) -> None:
    audits = any(name in part for name in _TRANSLATED.values()) or "subcategoryId" in part
    for name, value in part.items():
        if isinstance(value, dict):
            if depth < _MAX_DEPTH:
                _data(value, fields, depth + 1)
            continue
        found = text(value)
        if found is None or (audits and name in _ADDED) or _TRANSLATED.get(name) in part:
            continue
        native = next((own for own, renamed in _TRANSLATED.items() if renamed == name), name)
        put(fields, _native(native), _once(found) if isinstance(found, str) else [_once(one) for one in found])


@lru_cache(maxsize=4_096)
def _native(name: str) -> str:
    """Give the name as Windows writes it: with a capital, but for the unnamed parameters of old logs."""
    return name if _SMALL.fullmatch(name) else name[:1].upper() + name[1:]


def _once(value: str) -> str:
    """Take back one level of escaping, if the whole value has it: a path written plainly stays as it is."""
    return value if "\\" in _ESCAPED.sub("", value) else _ESCAPED.sub(r"\1", value)


def _unquoted(value: Value) -> Value:
    """Take off the quotes that stand around a message."""
    return value.removeprefix('"').removesuffix('"') if isinstance(value, str) else value
