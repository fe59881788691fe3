"""XML of strangers: what is told, and what is refused."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.markup.strict_xml import UnsafeXmlError, XmlError, read_xml


class Told:
    """Writes down what it is told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.said: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Write the element and its attributes."""
        self.said.append(f"<{tag} {dict(attributes)}")

    def text(self, data: str) -> None:
        """Write the text."""
        self.said.append(data)

    def end(self, tag: str) -> None:
        """Write the end."""
        self.said.append(f">{tag}")


def _told(document: str | bytes, most_depth: int = 8, most_nodes: int = 16) -> list[str]:
    told = Told()
    read_xml(document, told, most_depth=most_depth, most_nodes=most_nodes)
    return told.said


@pytest.mark.parametrize("document", ["<a b='1'>x&amp;y<c/></a>", b"<a b='1'>x&amp;y<c/></a>"])
def test_elements_and_texts_are_told_in_order(document: str | bytes) -> None:
    assert _told(document) == ["<a {'b': '1'}", "x&y", "<c {}", ">c", ">a"]


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><a/>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "<a>" * 9 + "</a>" * 9,
        "<a>" + "<b/>" * 16 + "</a>",
        "<a " + " ".join(f"b{at}='1'" for at in range(16)) + "/>",
    ],
)
def test_what_was_made_to_harm_is_refused(document: str) -> None:
    with pytest.raises(UnsafeXmlError):
        _told(document)


def test_what_is_just_allowed_is_read() -> None:
    assert len(_told("<a>" * 8 + "</a>" * 8)) == 16
    assert len(_told("<a>" + "<b/>" * 15 + "</a>")) == 32


@pytest.mark.parametrize("document", ["", "x", "<a>", "<a>&undefined;</a>", "<a>\ud800</a>", "<a>\0</a>", b"<a>\xff</a>", "<a/><b/>"])
def test_what_is_not_well_formed_says_so(document: str | bytes) -> None:
    with pytest.raises(XmlError):
        _told(document)


@given(st.text() | st.binary())
def test_anything_is_told_or_refused(document: str | bytes) -> None:
    try:
        _told(document)
    except XmlError:
        return
