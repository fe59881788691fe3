"""One event in Windows' XML as flat native fields, by the same names as one of EVTX. Owns the names; the safety is `markup`'s.

Source: Windows event schema (`http://schemas.microsoft.com/win/2004/08/events/event`).
"""

from collections.abc import Mapping

from watchkeeper.ingest.windows_event import Fields, put
from watchkeeper.markup.strict_xml import XmlError, read_xml

_MOST_DEPTH = 32
_MOST_NODES = 8_192
_DATA = frozenset(("EventData", "UserData", "ProcessingErrorData"))


class EventXmlError(XmlError):
    """The text is no event."""


def event_fields(text: str) -> Fields:
    """Give the fields of one `<Event>`: System's elements and attributes (`EventID`, `Provider_Name`), its data by name, its message.

    Data wins over System but for what says what the event is; of RenderingInfo only the message is taken.

    Raises:
        XmlError: it is not well-formed.
        EventXmlError: it has no Event element.
        UnsafeXmlError: it declares a document type or entities, or is nested deeper or wider than any event.
    """
    reading = _Reading()
    read_xml(text, reading, most_depth=_MOST_DEPTH, most_nodes=_MOST_NODES)
    if not reading.is_event:
        raise EventXmlError("no Event element")
    fields: Fields = {**reading.system}
    for name, values in reading.data.items():
        put(fields, name, values if len(values) > 1 else values[0])
    if reading.message:
        fields.setdefault("Message", reading.message)
    return fields


class _Reading:
    """Where the parser stands, and what it has found."""

    def __init__(self) -> None:
        self.system: dict[str, str] = {}
        self.data: dict[str, list[str]] = {}
        self.message = ""
        self.is_event = False
        self._path: list[str] = []
        self._name = ""
        self._text: list[str] = []
        self._is_leaf = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        self._path.append(name)
        self._text = []
        self._is_leaf = True
        self._name = attributes.get("Name") or name if name == "Data" else name
        if len(self._path) == 1:
            self.is_event = name == "Event"
        elif len(self._path) == 3 and self._path[1] == "System":
            self.system.update({f"{name}_{attribute}": value for attribute, value in attributes.items()})

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, _tag: str) -> None:
        if self._is_leaf and len(self._path) > 2:
            self._leaf(self._path[1], "".join(self._text))
        self._path.pop()
        self._text = []
        self._is_leaf = False

    def _leaf(self, section: str, written: str) -> None:
        if section in _DATA and (written.strip() or self._path[-1] == "Data"):
            kept = written if section == "EventData" and not _is_layout(written) else written.strip()
            self.data.setdefault(self._name, []).append(kept)
        elif len(self._path) == 3 and section == "System" and written.strip():
            self.system[self._name] = written.strip()
        elif section == "RenderingInfo" and self._name == "Message":
            self.message = written


def _is_layout(text: str) -> bool:
    """Say whether it is only what a program writes between elements to lay them out."""
    return text.startswith("\n") and text.isspace()
