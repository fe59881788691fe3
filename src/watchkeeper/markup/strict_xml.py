"""XML that strangers wrote: no document type, no entity, and no more depth or width than its reader allows. The only door to expat.

Source: expat's advice on untrusted input.
"""

from collections.abc import Mapping
from typing import Protocol
from xml.parsers import expat  # noqa: TID251 -- the one door


class XmlError(ValueError):
    """The text is not well-formed."""


class UnsafeXmlError(XmlError):
    """The text declares a document type or entities, or is nested deeper or wider than allowed: it was made to harm its reader."""


class Reading(Protocol):
    """What is told of a document, in its order."""

    def start(self, tag: str, attributes: Mapping[str, str], /) -> None:
        """Take in that an element begins; `tag` is as written, with its prefix."""
        ...

    def text(self, data: str, /) -> None:
        """Take in a piece of the text within the element."""
        ...

    def end(self, tag: str, /) -> None:
        """Take in that the element ends."""
        ...


def read_xml(document: str | bytes, reading: Reading, *, most_depth: int, most_nodes: int) -> None:
    """Tell `reading` what a whole document says; nodes are elements and attributes.

    Raises:
        XmlError: it is not well-formed; what was told before holds no more.
        UnsafeXmlError: it declares a document type or an entity, is nested deeper than `most_depth` or has more than `most_nodes` nodes.
    """
    bounded = _Bounded(reading, most_depth, most_nodes)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = bounded.start
    parser.EndElementHandler = bounded.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(document, True)  # noqa: FBT003 -- the argument is positional in expat
    except expat.ExpatError as error:
        raise XmlError(f"not well-formed: {error}") from error
    except UnicodeEncodeError as error:
        raise XmlError("text that is no Unicode") from error


def _refuse(*_declaration: object) -> int:
    raise UnsafeXmlError("it declares a document type or an entity: it was made to harm its reader")


class _Bounded:
    """Counts depth and nodes."""

    def __init__(self, reading: Reading, most_depth: int, most_nodes: int) -> None:
        self._start, self._end = reading.start, reading.end
        self._most_depth, self._most_nodes = most_depth, most_nodes
        self._depth = self._nodes = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._nodes += 1 + len(attributes)
        if self._depth > self._most_depth or self._nodes > self._most_nodes:
            raise UnsafeXmlError("it is nested deeper or wider than allowed")
        self._start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._end(tag)
