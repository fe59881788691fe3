"""One Windows-style event in XML as flat native fields, parsed without any entity or document type. Owns the safety and the names.

Source: Windows event schema (`http://schemas.microsoft.com/win/2004/08/events/event`); expat's advice on untrusted input.
"""

from collections.abc import Mapping
from xml.parsers import expat

from watchkeeper.model.batch import Value

_MAX_DEPTH = 32
_MAX_FIELDS = 4_096


class EventXmlError(ValueError):
    """The text is not well-formed, or no event."""


class UnsafeXmlError(EventXmlError):
    """The text declares a document type or entities, or is nested deeper or wider than any event: it was made to harm its reader."""


def event_fields(text: str) -> dict[str, Value]:
    """Give the fields of one `<Event>`: System's elements and attributes (`EventID`, `Provider_Name`), EventData's and UserData's by name.

    Raises:
        EventXmlError: it is not well-formed, or has no Event element.
        UnsafeXmlError: it declares a document type or entities, or is nested deeper or wider than any event.
    """
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(text, True)  # noqa: FBT003 -- the argument is positional in expat
    except expat.ExpatError as error:
        raise EventXmlError(f"not well-formed: {error}") from error
    except UnicodeEncodeError as error:
        raise EventXmlError("text that is no Unicode") from error
    if not reading.path_seen:
        raise EventXmlError("no Event element")
    return {**reading.fields}


def _refuse(*_declaration: object) -> int:
    raise UnsafeXmlError("declares a document type or an entity")


class _Reading:
    """Where the parser stands, and what it has found."""

    def __init__(self) -> None:
        self.fields: dict[str, str | list[str]] = {}
        self.path_seen = False
        self._path: list[str] = []
        self._name = ""
        self._text: list[str] = []
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._path.append(tag.rpartition(":")[2])
        self._count += 1 + len(attributes)
        if len(self._path) > _MAX_DEPTH or self._count > _MAX_FIELDS:
            raise UnsafeXmlError("nested deeper or wider than any event")
        self.path_seen = self.path_seen or self._path == ["Event"]
        self._text = []
        section = self._path[1] if len(self._path) > 1 else ""
        self._name = attributes.get("Name", "") if section == "EventData" else self._path[-1]
        if section == "System" and len(self._path) == 3:
            for name, value in attributes.items():
                self.fields[f"{self._path[2]}_{name}"] = value

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, _tag: str) -> None:
        depth, section = len(self._path), self._path[1] if len(self._path) > 1 else ""
        written = "".join(self._text)
        if (section == "System" and depth == 3 and written.strip()) or (section == "UserData" and depth > 3 and written.strip()):
            self._put(self._path[-1], written.strip())
        elif section == "EventData" and depth == 3:
            self._put(self._name or "Data", written)
        self._path.pop()
        self._text = []

    def _put(self, name: str, value: str) -> None:
        earlier = self.fields.get(name)
        if isinstance(earlier, list):
            earlier.append(value)
        else:
            self.fields[name] = value if earlier is None else [earlier, value]
