"""One Windows event as System, EventData and UserData. Owns the flat names Sigma's rules expect; where the event came from is the readers'.

Source: Windows event schema (System, EventData, UserData); field names as SigmaHQ's rules use them.
"""

from collections.abc import Mapping
from functools import lru_cache

from watchkeeper.ingest.jsonstream import Json
from watchkeeper.ingest.logsources import log_source
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

Fields = dict[str, Value]
IDENTITY = frozenset(("EventID", "Channel", "Provider_Name", "Computer", "EventRecordID"))
"""Fields that say what an event is; data of the event never overwrites them."""
_TEXT = "#text"
_ATTRIBUTES = "#attributes"
_MAX_DEPTH = 12
_NO_DATA = frozenset((_ATTRIBUTES, "@xmlns", "xmlns"))


def logsource(channel: str, event_id: str) -> LogSource:
    """Give the log source of a Windows event; the same object for the same log."""
    return log_source("windows", channel, event_id)


def text(value: Json, depth: int = 0) -> Value | None:
    """Give a decoded value as text, a list of several as list of text, and none for null, empty lists and what is nested too deep."""
    if type(value) is str:  # nearly every value is, and this is the cheapest way to tell
        return value
    if value is None or depth > _MAX_DEPTH:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        inner = value.get(_TEXT)
        return text(inner, depth + 1) if not isinstance(inner, dict) else None
    many = [one for item in value if isinstance(one := text(item, depth + 1), str)]
    return many if len(many) > 1 else (many[0] if many else None)


def one(fields: Mapping[str, Value], name: str) -> str:
    """Give a field's text, the first if it has several values, empty if the event lacks it."""
    value = fields.get(name, "")
    return value if isinstance(value, str) else value[0]


def flat(event: Mapping[str, Json]) -> Fields:
    """Flatten `{"System": ..., "EventData": ..., "UserData": ...}` to native fields; its data wins over System but for `IDENTITY`."""
    fields: Fields = {}
    system = event.get("System")
    if isinstance(system, dict):
        _system(system, fields)
    for part in ("EventData", "UserData", "ProcessingErrorData"):
        found = event.get(part)
        if isinstance(found, dict):
            data(found, fields)
        elif isinstance(found, str) and found.strip():
            fields.setdefault("Data", found)
    return fields


def data(part: dict[str, Json], fields: Fields, depth: int = 0) -> None:
    """Add the values of EventData or UserData: leaves by their own name, wrappers left out, `<Data Name="X">` as X."""
    for name, value in part.items():
        if name in _NO_DATA:
            continue
        if type(value) is str:
            put(fields, name, value)
        elif isinstance(value, dict) and _TEXT not in value:
            if depth < _MAX_DEPTH:
                data(value, fields, depth + 1)
        elif name == "Data" and isinstance(value, list) and any(isinstance(item, dict) for item in value):
            _named(value, fields)
        elif (found := text(value)) is not None:
            put(fields, name, found)


def put(fields: Fields, name: str, value: Value) -> None:
    """Set a field of the event's data; what would overwrite the event's identity is kept under `EventData_`."""
    fields[f"EventData_{name}" if name in IDENTITY and name in fields else name] = value


def _named(items: list[Json], fields: Fields) -> None:
    unnamed: list[str] = []
    for item in items:
        if not isinstance(item, dict):
            found = text(item)
        else:
            attributes = item.get(_ATTRIBUTES)
            name = item.get("@Name") or item.get("Name") or (attributes.get("Name") if isinstance(attributes, dict) else None)
            found = text(item.get(_TEXT, item.get("text")))
            if isinstance(name, str):
                if found is not None:
                    put(fields, name, found)
                continue
        if isinstance(found, str):
            unnamed.append(found)
    if unnamed:
        fields["Data"] = unnamed if len(unnamed) > 1 else unnamed[0]


def _system(system: dict[str, Json], fields: Fields) -> None:
    for name, value in system.items():
        if not isinstance(value, dict):
            if (found := text(value)) is not None:
                fields[name] = found
            continue
        if (found := text(value.get(_TEXT))) is not None:
            fields[name] = found
        attributes = value.get(_ATTRIBUTES)
        for attribute, inner in (attributes if isinstance(attributes, dict) else value).items():
            if (native := _attribute(name, attribute)) and (found := text(inner)) is not None:
                fields[native] = found


@lru_cache(maxsize=1_024)
def _attribute(name: str, attribute: str) -> str:
    """Name an attribute of a part of System; empty if it is none."""
    return "" if attribute[:1] == "#" else f"{name}_{attribute.removeprefix('@')}"
